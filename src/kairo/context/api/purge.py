"""How are all entities that a query finds deleted, or some of their attributes? Purge Entities (CIM 009 5.6.21, 6.4.3.3).

Bounded: a query that finds more than the setting `max_purge` changes nothing at all. What it finds is what the asker may read;
what of that may not be changed is told entity by entity, as a batch tells it. The answer counts the entities that were purged.
"""

from collections.abc import Sequence

from kairo.context.api.batch import Failure, mixed
from kairo.context.api.exchange import Desk, done, flag
from kairo.context.contexts import TermMap
from kairo.context.entities.commits import Command
from kairo.context.entities.finding import Row
from kairo.context.entities.rules import Delete, DeleteAttribute
from kairo.context.gate import Scope
from kairo.context.model.stored import ENTITY_NAMES
from kairo.context.query import QUERY_PARAMETERS, parse_projection, read_query
from kairo.errors import BadRequestData, KairoError, ResourceNotFound, TooManyResults, Unauthenticated
from kairo.platform.http import Request, Response

PURGE_PARAMETERS = (QUERY_PARAMETERS - {"attrs", "splitEntities"}) | {"drop", "keep", "local"}
_AT_A_TIME = 500  # entities of one commit


class Purge:
    """Handler of the operation that deletes by a query."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def purge(self, request: Request) -> Response:
        """DELETE /entities: 204 with NGSILD-Results-Count, or 207 where some may not be changed."""
        query = request.query
        scope = await self._desk.scope(request)
        if not scope.may_write_anything:
            raise Unauthenticated(
                "purging entities needs credentials",
                detail_ja="エンティティの一括削除には認証が必要です。",
                headers={"WWW-Authenticate": 'Bearer realm="kairo"'},
            )
        graph = self._desk.graph
        await graph.require_tenant(scope.tenant)
        terms = await self._desk.terms(request)
        drop, keep = _names(query.get("drop"), terms), _names(query.get("keep"), terms)
        if drop is not None and keep is not None:
            raise BadRequestData("drop and keep exclude each other", detail_ja="drop と keep は同時に使えません。")
        asked = read_query(query, terms)
        asked.validate(local=flag(query, "local"))
        number, most = await graph.number(scope, asked), self._desk.settings.max_purge
        if number > most:
            raise TooManyResults(
                f"the query finds {number} entities; at most {most} are purged at once, and nothing was changed",
                detail_ja=f"{number}件が該当します。一度に削除できるのは{most}件までです。何も変更されていません。",
                mend="Narrow the query, and purge in several steps.",
                mend_ja="条件を絞り、何回かに分けてください。",
            )
        purged: list[str] = []
        failures: list[Failure] = []
        after: str | None = None
        while len(purged) + len(failures) < most:
            page = await graph.search(scope, asked, limit=_AT_A_TIME, after=after)
            await self._apply(request, scope, page.rows, (drop, keep), purged, failures)
            after = page.after
            if after is None:
                break
        if failures:
            return mixed(scope, request, purged, failures)
        return done(scope, request, 204, [(b"ngsild-results-count", str(len(purged)).encode())])

    async def _apply(
        self,
        request: Request,
        scope: Scope,
        rows: Sequence[Row],
        names: tuple[frozenset[str] | None, frozenset[str] | None],
        purged: list[str],
        failures: list[Failure],
    ) -> None:
        commands = [command for row in rows for command in _commands(row, *names)]
        if not commands:
            return
        results = await self._desk.graph.submit(scope, commands, request=request.scope.get("request_id", ""))
        failed: dict[str, KairoError] = {}
        for command, result in zip(commands, results, strict=True):
            if isinstance(result, KairoError) and not isinstance(result, ResourceNotFound):  # someone else was quicker
                failed[command.entity] = result
        failures += failed.items()
        purged += [id for id in dict.fromkeys(command.entity for command in commands) if id not in failed]


def _commands(row: Row, drop: frozenset[str] | None, keep: frozenset[str] | None) -> list[Command]:
    """What is to be done to one entity: it goes, or those of its attributes that the asker sees."""
    if drop is None and keep is None:
        return [Command(row.id, Delete())]
    names = [
        name
        for name in row.doc
        if name not in ENTITY_NAMES and (name in drop if drop is not None else name not in (keep or ()))
    ]
    return [Command(row.id, DeleteAttribute(name, delete_all=True)) for name in names]


def _names(text: str | None, terms: TermMap) -> frozenset[str] | None:
    """The attributes that `drop` or `keep` lists, by stored name; BadRequestData for members and for linked entities."""
    return None if text is None else frozenset(parse_projection(text, None, None, terms).attrs or ())
