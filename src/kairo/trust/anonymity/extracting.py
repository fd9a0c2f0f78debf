"""How does an extract leave? Looked at first, agreed to by a second person, recorded with the digest of the very file, then handed out.

What the law calls these (個人情報の保護に関する法律; none of these articles was read in the primary text): 仮名加工情報 (2条5項) keeps a
person's rows together by an id, is still personal data of whoever can link it, and is not given to third parties; 行政機関等匿名加工情報 (60条3項, 107条 and after) has
no such id, and is given to others only after the procedure of that chapter. Kairo marks the kind; it does not decide that the law's
standard of processing is met.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Final

from kairo.context.gate import Scope
from kairo.errors import BadRequestData, Forbidden, ResourceNotFound
from kairo.platform.clock import Clock
from kairo.platform.db import Database
from kairo.settings import Settings
from kairo.trust.anonymity import store
from kairo.trust.anonymity.extracts import KINDS, Likeness, Row, as_file, coarser, columns_of, folded, likeness, series_key
from kairo.trust.anonymity.permissions import EXTRACTS, Offices, check_make
from kairo.trust.anonymity.rules import check_k
from kairo.trust.anonymity.sources import Sources
from kairo.trust.anonymity.tables import Extract, Request
from kairo.trust.recording import record

FORMATS: Final = ("csv", "json")
MOST_COLUMNS: Final = 30
VALID: Final = timedelta(days=1)  # how long a request waits, and what was agreed to may be handed out


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be extracted, for whom. `columns` are written as dimensions are; `sensitive` names those that others do not know,
    of which l values are demanded. With `leave_out` rows that are not alike enough stay out; else they are a reason to refuse."""

    type: str
    kind: str
    recipient: str
    third_party: bool = False  # outside of the city, and not entrusted by it
    series: str
    basis: str
    columns: tuple[str, ...]
    sensitive: tuple[str, ...] = ()
    k: int
    l: int  # noqa: E741 - it is called so
    leave_out: bool = False
    format: str = "csv"

    @staticmethod
    def of(stored: dict[str, Any]) -> "Wish":
        """What was stored of it."""
        return Wish(**{**stored, "columns": tuple(stored["columns"]), "sensitive": tuple(stored["sensitive"])})


@dataclass(frozen=True, slots=True)
class Preview:
    """What an extract would be: how alike its persons are, how alike they are once the others are left out, and whether it may leave."""

    whole: Likeness
    kept: Likeness
    left_out: int
    refusal: str
    synthetic: bool


class Extracts:
    """Makes extracts. `secret`: that of the installation, asked for when it is needed."""

    def __init__(
        self,
        database: Database,
        sources: Sources,
        offices: Offices,
        settings: Settings,
        clock: Clock,
        secret: Callable[[], bytes],
    ) -> None:
        self._database = database
        self._sources = sources
        self._offices = offices
        self._settings = settings
        self._clock = clock
        self._secret = secret

    async def preview(self, scope: Scope, wish: Wish) -> Preview:
        """What is reached, before anything leaves. Raises Forbidden and BadRequestData."""
        return (await self._prepared(scope, wish))[0]

    async def request(self, scope: Scope, wish: Wish) -> Request:
        """Asks a second person. Raises BadRequestData where k or l is not reached."""
        _check_reached((await self._prepared(scope, wish))[0])
        now = self._clock()
        made = Request(secrets.token_hex(8), asdict(wish), scope.principal, now, now + VALID)
        async with self._database.unit(scope.tenant) as unit:
            await store.add_request(unit.connection, scope.tenant, made)
            await record(unit, now, by=scope.principal, purpose=scope.purpose, did="ask-extract", what=made.id)
        return made

    async def agree(self, scope: Scope, id: str) -> None:
        """The second person's word. Raises Forbidden for who asked, ResourceNotFound for what is not there or over."""
        await check_make(scope, self._offices, EXTRACTS)
        now = self._clock()
        async with self._database.unit(scope.tenant) as unit:
            if not await store.agree(unit.connection, scope.tenant, id, scope.principal, now):
                found = await store.request(unit.connection, scope.tenant, id, now)
                if found is None or found.agreed_by is not None:
                    raise _not_found(id)
                raise Forbidden(
                    "whoever asked cannot agree", detail_ja="申請した本人は承認できません。別の職員が承認してください。"
                )
            await record(unit, now, by=scope.principal, purpose=scope.purpose, did="agree-extract", what=id)

    async def make(self, scope: Scope, id: str) -> tuple[Extract, bytes]:
        """The record and the file, for who asked. Raises Forbidden until a second person agreed, BadRequestData where k or l is not
        reached any more, ResourceNotFound for what is not there or over."""
        await check_make(scope, self._offices, EXTRACTS)
        async with self._database.reading(scope.tenant) as connection:
            asked = await store.request(connection, scope.tenant, id, self._clock())
        if asked is None or asked.asked_by != scope.principal:
            raise _not_found(id)
        if asked.agreed_by is None:
            raise Forbidden(
                "a second person has to agree to this extract first", detail_ja="この抽出には、別の職員の承認が必要です。"
            )
        wish = Wish.of(asked.wish)
        preview, rows = await self._prepared(scope, wish)
        _check_reached(preview)
        key = None
        if wish.kind == "pseudonymised":
            key = series_key(await asyncio.to_thread(self._secret), scope.tenant, wish.recipient, wish.series)
        file = await asyncio.to_thread(as_file, rows, wish.columns, key, wish.format)
        made = Extract(
            id=secrets.token_hex(8),
            request=id,
            population=wish.type,
            kind=wish.kind,
            recipient=wish.recipient,
            third_party=wish.third_party,
            series=wish.series,
            basis=wish.basis,
            columns=list(wish.columns),
            sensitive=list(wish.sensitive),
            k_reached=preview.kept.k,
            l_reached=preview.kept.l,
            persons=len(rows),
            left_out=preview.left_out,
            format=wish.format,
            file_digest=hashlib.sha256(file).hexdigest(),
            made_by=scope.principal,
            agreed_by=asked.agreed_by,
            purpose=scope.purpose,
            made_at=self._clock(),
        )
        async with self._database.unit(scope.tenant) as unit:
            await store.add_extract(unit.connection, scope.tenant, made)
            await record(unit, made.made_at, by=scope.principal, purpose=scope.purpose, did="extract", what=made.id)
        return made, file

    async def _prepared(self, scope: Scope, wish: Wish) -> tuple[Preview, list[Row]]:
        await check_make(scope, self._offices, EXTRACTS)
        kind = self._sources.kind(wish.type)
        self._check(wish)
        columns = columns_of(kind, wish.columns)
        sensitive = [wish.columns.index(one) for one in wish.sensitive]
        attributes = tuple(sorted({one.attribute.name for one in columns}))
        people, protected = await self._sources.people(scope, kind, attributes, f"an extract for {wish.recipient}")
        above = {}
        for one in columns:
            if one.above:
                values = {row[attributes.index(one.attribute.name)] for row in people.by_person.values()}
                above[one] = await self._sources.places(scope.tenant, kind, one.attribute.name, values, one.above) or {}
        hidden = set(protected)
        rows = [
            (
                person,
                tuple(coarser(values[attributes.index(one.attribute.name)], one, above.get(one, {})) for one in columns),
            )
            for person, values in people.by_person.items()
            if person not in hidden
        ]
        rows = folded(rows, wish.k)
        whole, alike = likeness(rows, sensitive, wish.k, wish.l)
        kept, _ = likeness(alike, sensitive, wish.k, wish.l) if wish.leave_out else (whole, rows)
        refusal = "nobody is left" if not kept.persons else "too few persons are alike" if kept.k < wish.k else ""
        refusal = refusal or ("who are alike have too few different values" if kept.l < wish.l else "")
        return Preview(whole, kept, whole.persons - kept.persons, refusal, people.synthetic), alike if wish.leave_out else rows

    def _check(self, wish: Wish) -> None:
        check_k(wish.k, self._settings.statistics_k)
        if wish.kind not in KINDS or wish.format not in FORMATS:
            raise BadRequestData(
                f"an extract is {' or '.join(KINDS)}, as {' or '.join(FORMATS)}",
                detail_ja="抽出の種類か形式が正しくありません。",
            )
        if wish.kind == "pseudonymised" and wish.third_party:
            raise BadRequestData(
                "pseudonymised personal data are not given to third parties",
                detail_ja="仮名加工情報は、原則として第三者に提供できません。",
                mend="Use it within the city, or entrusted by it; or extract anonymised data, without ids.",
                mend_ja="庁内や委託先で使うか、IDのない行政機関等匿名加工情報として抽出してください。",
            )
        if not self._settings.statistics_l <= wish.l <= 100:
            raise BadRequestData(
                f"l is from {self._settings.statistics_l} to 100",
                detail_ja=f"l は {self._settings.statistics_l} から 100 までです。",
            )
        if not 1 <= len(wish.columns) <= MOST_COLUMNS or len(set(wish.columns)) < len(wish.columns):
            raise BadRequestData(
                f"name 1 to {MOST_COLUMNS} columns, each once",
                detail_ja=f"列は1～{MOST_COLUMNS}個、重複なしで指定してください。",
            )
        if not set(wish.sensitive) < set(wish.columns):
            raise BadRequestData(
                "sensitive columns are among the columns, and not all of them",
                detail_ja="要注意の列は、列の一部から選んでください。",
            )
        for name, text in (("recipient", wish.recipient), ("series", wish.series), ("basis", wish.basis)):
            if not text.strip() or len(text) > 200:
                raise BadRequestData(
                    f"say the {name}, in at most 200 characters",
                    detail_ja=f"提供先・系列・根拠を200文字以内で入力してください（{name}）。",
                )

    async def waiting(self, tenant: str, limit: int = 50) -> list[Request]:
        """What was asked for and is not over, for staff: the caller has checked that."""
        async with self._database.reading(tenant) as connection:
            return await store.requests(connection, tenant, self._clock(), limit)

    async def latest(self, tenant: str, limit: int = 50) -> list[Extract]:
        """The latest extracts, for staff: the caller has checked that."""
        async with self._database.reading(tenant) as connection:
            return await store.extracts(connection, tenant, limit)


def _check_reached(preview: Preview) -> None:
    if preview.refusal:
        raise BadRequestData(
            f"this extract is refused: {preview.refusal}; reached are k={preview.kept.k} and l={preview.kept.l}",
            detail_ja=f"抽出できません。到達した値は k={preview.kept.k}、l={preview.kept.l} です。",
            mend="Make bands wider, take columns away, or leave out the rows that are not alike enough.",
            mend_ja="区分を粗くするか列を減らす、または基準に満たない行を除いてください。",
        )


def _not_found(id: str) -> ResourceNotFound:
    return ResourceNotFound(
        f"there is no request {id[:100]!r} of yours that is valid", detail_ja="有効な申請が見つかりません。"
    )
