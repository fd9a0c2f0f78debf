"""What does every page get, whoever draws it? The frame (language, navigation, who is signed in), and a page for each error."""

from typing import Any
from urllib.parse import urlencode

from litestar import MediaType, Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from kairo.context.gate import DataClass, Scope
from kairo.errors import BadRequestData, KairoError, MethodNotAllowed, PayloadTooLarge, ResourceNotFound, SignInNeeded
from kairo.platform.http.problems import prefers_japanese, problem
from kairo.platform.i18n import Language, Message, pick, strip_readings, with_language, with_ruby
from kairo.platform.manifests import Manifest
from kairo.platform.observability.logs import logger
from kairo.platform.web import Account, Kit, Link, Page, error_page, language_of
from kairo.settings import Settings
from kairo.trust.identity.principals import PrincipalKind
from kairo.trust.identity.sessions.session import Session

_log = logger("pages")
_BY_STATUS: dict[int, type[KairoError]] = {404: ResourceNotFound, 405: MethodNotAllowed, 413: PayloadTooLarge}
FOOT_FROM = 90
PRIVATE = "kairo.private"  # in the scope of a request that someone who is signed in has sent
Asked = Request[Any, Any, State]


def navigation(parts: tuple[Manifest, ...], language: Language) -> tuple[tuple[Link, ...], tuple[Link, ...]]:
    """The main navigation and the foot's, from the manifests: entries from order FOOT_FROM on stand at the foot."""
    entries = sorted((entry for part in parts for entry in part.navigation), key=lambda entry: entry.order)
    links = [(entry.order, Link(with_readings(pick(entry.title, language)), entry.path)) for entry in entries]
    head = tuple(link for order, link in links if order < FOOT_FROM)
    return head, tuple(link for order, link in links if order >= FOOT_FROM)


def with_readings(text: str) -> Message:
    """A text of a manifest: plain where text is wanted, its readings as <ruby> where a template shows it."""
    return Message(strip_readings(text), with_ruby(text))


def page_of(
    request: Asked,
    access: Scope | None,
    parts: tuple[Manifest, ...],
    kit: Kit,
    settings: Settings,
    session: Session | None = None,
) -> Page:
    """The frame of the page that this request asks for; the handler gives it its title. `session`: who is signed in."""
    language: Language = language_of(request.scope)  # type: ignore[arg-type]
    query = request.scope["query_string"].decode("ascii", "replace")
    account = None
    if access is not None and DataClass.PERSONAL in access.read_classes:
        account = Account(kit.catalogue.translate(language, "identity.administrator"), "/console/subscriptions", "/leave")
    elif session is not None:
        account = account_of(session, kit, language)
    if account is not None:
        request.scope[PRIVATE] = True  # type: ignore[literal-required]
    head, foot = navigation(parts, language)
    return Page(
        title="",
        language=language,
        path=request.scope["path"] + (f"?{query}" if query else ""),
        nav=head,
        foot=foot,
        account=account,
        synthetic=session is not None and session.is_synthetic,
    )


def account_of(session: Session, kit: Kit, language: Language) -> Account:
    """Someone who is signed in, as the header shows them: a resident with the way to their own page, staff to the console."""
    if session.principal.kind is not PrincipalKind.RESIDENT:
        return Account(session.name, "/console", "/leave")
    label = kit.catalogue.translate(language, "identity.my_page", name=session.name)
    return Account(session.name, "/me", "/leave", label)


async def kept_by_nobody(message: Any, scope: Any) -> None:
    """Litestar's hook before_send: what someone who is signed in was shown stays in no cache and behind no back button; other
    pages are asked for anew each time, for they show the present."""
    if message["type"] == "http.response.start" and not any(name == b"cache-control" for name, _ in message["headers"]):
        said = b"no-store" if scope.get(PRIVATE) else b"private, no-cache"
        message["headers"] = [*message["headers"], (b"cache-control", said), (b"vary", b"cookie")]


def exception_handlers(kit: Kit, parts: tuple[Manifest, ...], settings: Settings) -> dict[Any, Any]:
    """How Litestar renders what handlers raise: a page for a browser, problem details for a program."""

    def answer(request: Asked, error: KairoError) -> Response[Any]:
        reference = request.scope.get("request_id", "")
        if "text/html" in request.headers.get("accept", ""):
            frame = page_of(request, None, parts, kit, settings)
            html = error_page(kit, error, frame, reference=str(reference))
            return Response(html, status_code=error.status, media_type=MediaType.HTML, headers=error.headers)
        japanese = prefers_japanese(request.headers.get("accept-language", ""))
        body = problem(error, japanese=japanese, instance=f"urn:kairo:request:{reference}")
        return Response(body, status_code=error.status, media_type="application/problem+json", headers=error.headers)

    def on_kairo(request: Asked, error: KairoError) -> Response[Any]:
        if isinstance(error, SignInNeeded) and "text/html" in request.headers.get("accept", ""):
            asked = request.scope["path"] + ("?" + request.scope["query_string"].decode("ascii", "replace")).rstrip("?")
            back = urlencode({"back": asked, "aal": error.members.get("aal", 1)})
            language: Language = language_of(request.scope)  # type: ignore[arg-type]
            return Redirect(with_language(f"/sign-in?{back}", language), status_code=303)
        return answer(request, error)

    def on_http(request: Asked, error: HTTPException) -> Response[Any]:
        kind = _BY_STATUS.get(error.status_code, BadRequestData if error.status_code < 500 else KairoError)
        detail = "" if kind is ResourceNotFound else error.detail
        return answer(request, kind(detail, headers=dict(error.headers or {})))

    def on_other(request: Asked, error: Exception) -> Response[Any]:
        _log.exception("a page failed", request=request.scope.get("request_id", ""), path=request.scope["path"], exc_info=error)
        return answer(request, KairoError("something unforeseen went wrong"))

    return {KairoError: on_kairo, HTTPException: on_http, Exception: on_other}
