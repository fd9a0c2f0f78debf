"""The one family of errors: what went wrong, in whose words, with which status, and what to do next.

Every error that may reach a person or a program is a `KairoError`; `platform/http/problems.py` renders it (RFC 9457). Those of
NGSI-LD have the types of ETSI GS CIM 009 5.5.2 and 6.3.2, the others a `urn:kairo:error:`. docs/errors.md is made from this file.
"""

from typing import Any, ClassVar

_ETSI = "https://uri.etsi.org/ngsi-ld/errors/"
_KAIRO = "urn:kairo:error:"


class KairoError(Exception):
    """Base of all errors.

    `detail` says what is wrong with this very input, in English; `detail_ja` the same in Japanese where a resident or clerk
    may meet it. `mend` / `mend_ja` say what to do next. `members` are extra members of the problem document.
    """

    status: ClassVar[int] = 500
    type: ClassVar[str] = _ETSI + "InternalError"
    title: ClassVar[str] = "Internal error"
    title_ja: ClassVar[str] = "内部エラー"
    default_mend: ClassVar[str] = "Try again. If it happens again, tell the operator the time and the request id."
    default_mend_ja: ClassVar[str] = "もう一度お試しください。続くときは、時刻とリクエストIDを運用担当へお知らせください。"

    def __init__(
        self,
        detail: str = "",
        *,
        detail_ja: str | None = None,
        mend: str | None = None,
        mend_ja: str | None = None,
        headers: dict[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.detail_ja = detail_ja
        self.mend = mend or self.default_mend
        self.mend_ja = mend_ja or (None if mend else self.default_mend_ja)
        self.headers = headers or {}
        self.members = members


class InvalidRequest(KairoError):
    """The request is not syntactically valid: not JSON, duplicate keys, an unknown option (5.5.2)."""

    status, type = 400, _ETSI + "InvalidRequest"
    title = "The request cannot be read"
    title_ja = "要求を読み取れません"
    default_mend = "Correct what `detail` names and send it again; nothing was changed."
    default_mend_ja = "示された箇所を直して、もう一度送ってください。何も変更されていません。"


class BadRequestData(KairoError):
    """The request reads well, but its content breaks a rule of NGSI-LD or of the entity type (5.5.2)."""

    status, type = 400, _ETSI + "BadRequestData"
    title = "The data break a rule"
    title_ja = "データが規則に合いません"
    default_mend = "Correct what `detail` names and send it again; nothing was changed."
    default_mend_ja = "示された箇所を直して、もう一度送ってください。何も変更されていません。"


class AlreadyExists(KairoError):
    """The entity (or other resource) is there already (5.5.2)."""

    status, type = 409, _ETSI + "AlreadyExists"
    title = "It exists already"
    title_ja = "すでに存在します"
    default_mend = "Use another id, or change the existing one with PATCH or an upsert."
    default_mend_ja = "別のIDにするか、既存のものを更新してください。"


class OutOfDate(KairoError):
    """It is not as the asker saw it: somebody was faster, or its time is over."""

    status, type = 409, _KAIRO + "out-of-date"
    title = "It has changed meanwhile"
    title_ja = "状態が変わっています"
    default_mend = "Look at it anew, then decide again; nothing was changed."
    default_mend_ja = "もう一度開いて、今の状態をご確認ください。何も変更されていません。"


class OperationNotSupported(KairoError):
    """The operation is known but not offered (5.5.2)."""

    status, type = 422, _ETSI + "OperationNotSupported"
    title = "This operation is not offered"
    title_ja = "この操作は提供していません"
    default_mend = "See the API description for what is offered."
    default_mend_ja = "提供している操作はAPI仕様をご覧ください。"


class ResourceNotFound(KairoError):
    """No such resource, or none that the asker may know of (5.5.2)."""

    status, type = 404, _ETSI + "ResourceNotFound"
    title = "Not found"
    title_ja = "見つかりません"
    default_mend = "Check the id and the tenant. What you may not see looks the same as what is not there."
    default_mend_ja = "IDと自治体（テナント）をご確認ください。閲覧できないものも「見つかりません」と表示されます。"


class NonexistentTenant(KairoError):
    """The tenant named in NGSILD-Tenant does not exist (5.5.2, 5.5.10)."""

    status, type = 404, _ETSI + "NonexistentTenant"
    title = "No such tenant"
    title_ja = "その自治体（テナント）はありません"
    default_mend = "Check the NGSILD-Tenant header; an operator who may create tenants creates one by the first write."
    default_mend_ja = "NGSILD-Tenant ヘッダーをご確認ください。"


class LdContextNotAvailable(KairoError):
    """A JSON-LD @context that the request needs cannot be had (5.5.2; 504 since v1.9.1, 6.3.2)."""

    status, type = 504, _ETSI + "LdContextNotAvailable"
    title = "The @context cannot be had"
    title_ja = "@context を取得できません"
    default_mend = "Store the context here (POST /ngsi-ld/v1/jsonldContexts), or let the operator allow its host."
    default_mend_ja = "@context を登録するか、運用担当に取得先の許可を依頼してください。"


class TooComplexQuery(KairoError):
    """The query asks for more work than is allowed (5.5.2)."""

    status, type = 403, _ETSI + "TooComplexQuery"
    title = "The query is too complex"
    title_ja = "検索条件が複雑すぎます"
    default_mend = "Ask for less at once: fewer terms, a smaller area, a type."
    default_mend_ja = "条件を減らすか、範囲を狭めてください。"


class TooManyResults(KairoError):
    """The result is larger than is allowed (5.5.2)."""

    status, type = 403, _ETSI + "TooManyResults"
    title = "Too many results"
    title_ja = "結果が多すぎます"
    default_mend = "Use limit and follow the next link."
    default_mend_ja = "limit を指定し、次のページへ進んでください。"


class Unauthenticated(KairoError):
    """Nobody is signed in, or the credentials are not valid."""

    status, type = 401, _KAIRO + "unauthenticated"
    title = "Please sign in"
    title_ja = "サインインしてください"
    default_mend = "Sign in, or send valid credentials."
    default_mend_ja = "サインインするか、有効な認証情報を送ってください。"


class SignInNeeded(Unauthenticated):
    """The asker must sign in, or sign in more strongly (`aal`); a browser is led there and back."""

    type = _KAIRO + "sign-in-needed"
    default_mend = "Sign in by a passkey, or by password and one-time code, and send it again."
    default_mend_ja = "パスキーなどでログインして、もう一度お試しください。"


class Forbidden(KairoError):
    """The asker is known and may not do this."""

    status, type = 403, _KAIRO + "forbidden"
    title = "You may not do this"
    title_ja = "この操作は許可されていません"
    default_mend = "Ask the administrator of this city for the permission that `detail` names."
    default_mend_ja = "必要な権限を管理者に依頼してください。"


class MethodNotAllowed(KairoError):
    """The resource is there, but not for this method."""

    status, type = 405, _KAIRO + "method-not-allowed"
    title = "This method is not allowed here"
    title_ja = "このメソッドは使えません"
    default_mend = "Use one of the methods in the Allow header."
    default_mend_ja = "Allow ヘッダーにあるメソッドを使ってください。"


class NotAcceptable(KairoError):
    """None of the media types in Accept can be served."""

    status, type = 406, _KAIRO + "not-acceptable"
    title = "No such representation"
    title_ja = "その形式では返せません"
    default_mend = "Ask for application/json, application/ld+json or application/geo+json."
    default_mend_ja = "application/json などを指定してください。"


class LengthRequired(KairoError):
    """The body's length is not said in Content-Length (6.3.4)."""

    status, type = 411, _KAIRO + "length-required"
    title = "Say how long the body is"
    title_ja = "本文の長さが必要です"
    default_mend = "Send the header Content-Length; nothing was changed."
    default_mend_ja = "Content-Length ヘッダーを付けて送ってください。何も変更されていません。"


class PayloadTooLarge(KairoError):
    """The body is larger than the limit."""

    status, type = 413, _KAIRO + "payload-too-large"
    title = "The body is too large"
    title_ja = "送信データが大きすぎます"
    default_mend = "Send it in smaller parts; nothing was changed."
    default_mend_ja = "分割して送ってください。何も変更されていません。"


class RequestTimeout(KairoError):
    """The body did not come in time."""

    status, type = 408, _KAIRO + "request-timeout"
    title = "The body did not come in time"
    title_ja = "送信データが時間内に届きませんでした"
    default_mend = "Send it again, in smaller parts where the line is slow; nothing was changed."
    default_mend_ja = "もう一度送ってください。回線が遅いときは分割してください。何も変更されていません。"


class UriTooLong(KairoError):
    """The address line is longer than the limit."""

    status, type = 414, _KAIRO + "uri-too-long"
    title = "The address is too long"
    title_ja = "アドレスが長すぎます"
    default_mend = "Send the query as POST /ngsi-ld/v1/entityOperations/query."
    default_mend_ja = "検索条件は POST で送ってください。"


class UnsupportedMediaType(KairoError):
    """The body has a media type that is not read here."""

    status, type = 415, _KAIRO + "unsupported-media-type"
    title = "This media type is not read here"
    title_ja = "この形式は受け付けていません"
    default_mend = "Send application/json or application/ld+json (application/merge-patch+json for a merge)."
    default_mend_ja = "application/json か application/ld+json で送ってください。"


class TooManyRequests(KairoError):
    """A rate limit or quota is used up."""

    status, type = 429, _KAIRO + "too-many-requests"
    title = "Too many requests"
    title_ja = "要求が多すぎます"
    default_mend = "Wait as long as Retry-After says."
    default_mend_ja = "Retry-After の時間だけお待ちください。"


class StorageFull(KairoError):
    """The disk or the database is full; the change was rolled back."""

    status, type = 507, _KAIRO + "storage-full"
    title = "The storage is full"
    title_ja = "保存領域がいっぱいです"
    default_mend = "The operator must free space; nothing was changed. Reading goes on."
    default_mend_ja = "運用担当が空き容量を確保する必要があります。何も変更されていません。閲覧は続けられます。"


class Unavailable(KairoError):
    """The database is starting, stopping or out of reach; the change was not acknowledged."""

    status, type = 503, _KAIRO + "unavailable"
    title = "Not available at the moment"
    title_ja = "ただいまご利用いただけません"
    default_mend = "Try again in a few seconds."
    default_mend_ja = "数秒おいて、もう一度お試しください。"


class Busy(Unavailable):
    """More bytes of answers wait to be read than one process may hold; nothing was changed. Short answers still come."""

    type = _KAIRO + "busy"
    title = "Too much waits to be read"
    title_ja = "混み合っています"
    default_mend = "Wait as long as Retry-After says, or ask for less at once: a smaller limit, pick, count alone."
    default_mend_ja = "Retry-After の時間だけお待ちいただくか、limit や pick で一度に受け取る量を減らしてください。"


class StartError(KairoError):
    """The program cannot start or the command cannot run: port taken, folder in use, newer database. One line with the mend."""

    status, type = 503, _KAIRO + "start"
    title = "Kairo cannot start"
    title_ja = "起動できません"


def all_errors() -> list[type[KairoError]]:
    """Every class of the family, by name: for the generated catalogue and the contract tests."""
    found = [KairoError]
    for cls in found:
        found += cls.__subclasses__()  # it grows while it is walked
    return sorted(set(found), key=lambda cls: cls.__name__)
