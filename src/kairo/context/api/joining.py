"""Which linked entities come along with an answer, and where do they stand in it? (join, joinLevel, containedBy; CIM 009 4.5.23)

Level by level: the targets of the relationships that are shown, each entity once, at the level where it is met first; what was
met before, or stands in containedBy, is not followed again, so that loops end. Each is read under the asker's scope: what may
not be read is as if it were not there.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kairo.context.contexts import TermMap
from kairo.context.entities.finding import Row
from kairo.context.gate import Scope
from kairo.context.graph import Graph
from kairo.context.model import represent
from kairo.context.model.joined import Linker, targets
from kairo.context.model.jsontext import dumps
from kairo.context.model.render import Representation, context_of, is_stored_form, render, render_all
from kairo.context.model.stored import ENTITY_NAMES
from kairo.context.query import Projection, parse_ids
from kairo.errors import BadRequestData, TooManyResults

JOIN_PARAMETERS = frozenset({"join", "joinLevel", "containedBy"})


@dataclass(frozen=True, slots=True)
class Join:
    """How linked entities are wanted: inside of those that link to them or, if `flat`, behind them; how deep; and which were met
    before."""

    flat: bool
    level: int
    contained_by: frozenset[str]


def read_join(given: Mapping[str, Any], most: int) -> Join | None:
    """Reads the three parameters; None where nothing is joined. `most`: the deepest joinLevel that is offered."""
    style = given.get("join", "@none")
    if style not in {"flat", "inline", "@none"}:
        raise BadRequestData(
            f"join is flat, inline or @none, not {style[:40]!r}",
            detail_ja="join は flat、inline、@none のいずれかです。",
            parameter="join",
        )
    level = given.get("joinLevel", "1")
    if not (level.isascii() and level.isdigit()) or len(level) > 9 or not 1 <= int(level) <= most:
        raise BadRequestData(
            f"joinLevel is a whole number from 1 to {most}, not {level[:40]!r}",
            detail_ja=f"joinLevel は1から{most}までの整数です。",
            parameter="joinLevel",
        )
    contained = parse_ids(given["containedBy"]) if given.get("containedBy") else ()
    if style == "@none":
        if "joinLevel" in given or contained:
            raise BadRequestData(
                "joinLevel and containedBy belong to join=flat or join=inline",
                detail_ja="joinLevel と containedBy は join=flat か join=inline と使います。",
                mend="Add join=inline (or flat).",
            )
        return None
    return Join(style == "flat", int(level), frozenset(contained))


@dataclass(frozen=True, slots=True)
class View:
    """How entities are shown to this asker: in which terms and representation, with what of them, and what is joined."""

    terms: TermMap
    wanted: Representation
    projection: Projection
    join: Join | None = None

    def part(self, projection: Projection) -> Representation:
        """The representation of a linked entity of which this much is shown."""
        pick = None if projection.pick is None else frozenset(part.name for part in projection.pick)
        return replace(self.wanted, pick=pick, omit=projection.removed, attrs=None, geojson=False, embed_context=False)

    def one(self, row: Row, linked: "Linked | None") -> bytes:
        """The body of an answer with one entity: a list where the linked ones stand behind it (4.5.23.3)."""
        if linked is not None and linked.join.flat:
            return self.many([row], linked)
        link = linked.inside(self, self.projection, 0) if linked is not None else None
        return dumps(self._render(row, self.wanted, link))

    def many(self, rows: list[Row], linked: "Linked | None") -> bytes:
        """The body of an answer with a list of entities."""
        wanted = self.wanted
        if linked is None:
            if is_stored_form(self.terms, wanted):
                return b"[" + b",".join(row.raw for row in rows) + b"]"
            return render_all(
                ((row.doc, row.stamps if wanted.sys_attrs else None, row.facts) for row in rows), self.terms, wanted
            )
        collected = wanted.geojson
        each = replace(wanted, embed_context=wanted.embed_context and not collected)
        if linked.join.flat:
            shown = [self._render(row, each, None) for row in rows] + self.behind(linked, each)
        else:
            link = linked.inside(self, self.projection, 0)
            shown = [self._render(row, each, link) for row in rows]
        if not collected:
            return dumps(shown)
        body: dict[str, Any] = {"type": "FeatureCollection", "features": shown}
        return dumps({**body, "@context": context_of(self.terms)} if wanted.embed_context else body)

    def behind(self, linked: "Linked", each: Representation) -> list[dict[str, Any]]:
        """The linked entities that stand behind the others (4.5.23.3), in the representation of `each`."""
        shown = replace(each, attrs=None)
        parts = [(row, self.part(projection)) for row, projection in linked.met]
        return [self._render(row, replace(shown, pick=part.pick, omit=part.omit), None) for row, part in parts]

    def _render(self, row: Row, wanted: Representation, link: Linker | None) -> dict[str, Any]:
        return render(row.doc, row.stamps if wanted.sys_attrs else None, row.facts, self.terms, wanted, link)


class Linked:
    """The linked entities of an answer: `met` in the order in which they were, with what of each is shown."""

    def __init__(self, join: Join, most: int) -> None:
        self.join = join
        self.met: list[tuple[Row, Projection]] = []
        self._most = most
        self._levels: dict[str, tuple[Row, int]] = {}
        self._shown = 0

    async def gather(self, graph: Graph, scope: Scope, rows: list[Row], view: View) -> "Linked":
        """Reads them, one statement a level. Raises TooManyResults beyond the limit."""
        encountered = {row.id for row in rows} | self.join.contained_by
        frontier = {(row.id, view.projection): row for row in rows}
        for level in range(1, self.join.level + 1):
            wished: dict[str, dict[Projection, None]] = {}
            for (_, projection), row in frontier.items():
                wanted = view.wanted if level == 1 else view.part(projection)
                for name, uri in _links(row, wanted):
                    if uri not in encountered:
                        wished.setdefault(uri, {})[projection.into(name)] = None
            encountered |= wished.keys()
            self._count(len(encountered) - len(rows) - len(self.join.contained_by))
            parts = {projection for projections in wished.values() for projection in projections}
            found = await graph.rows(scope, list(wished), _shown_by(parts)) if wished else {}
            frontier = {}
            for id, projections in wished.items():
                if id in found:
                    self._levels[id] = (found[id], level)
                    self.met.append((found[id], next(iter(projections))))
                    frontier |= {(id, projection): found[id] for projection in projections}
            if not frontier:
                break
        return self

    def inside(self, view: View, projection: Projection, level: int) -> Linker:
        """What is shown inside the relationships of an entity of this level."""

        def link(name: str, uri: str) -> dict[str, Any] | None:
            row, its_level = self._levels.get(uri, (None, 0))
            if row is None or its_level != level + 1:
                return None
            self._shown += 1
            self._count(self._shown)
            part = projection.into(name)
            stamps = row.stamps if view.wanted.sys_attrs else None
            deeper = self.inside(view, part, level + 1)
            return render(row.doc, stamps, row.facts, view.terms, view.part(part), deeper)

        return link

    def _count(self, number: int) -> None:
        if number > self._most:
            raise TooManyResults(
                f"more than {self._most} linked entities would come along",
                detail_ja=f"関連先のエンティティが {self._most} 件を超えます。",
                mend="Ask for fewer entities (limit), a lower joinLevel, or only some relationships (pick).",
                mend_ja="limit や joinLevel を小さくするか、pick で関係を絞ってください。",
            )


def _links(row: Row, wanted: Representation) -> list[tuple[str, str]]:
    """The relationships that are shown of an entity, and where they lead."""
    return [
        (name, uri)
        for name, value in row.doc.items()
        if name not in ENTITY_NAMES and wanted.shows(name)
        for instance in represent.default_first(value, wanted.datasets)
        for uri in targets(instance)
    ]


def _shown_by(parts: Collection[Projection]) -> Callable[[str], bool]:
    """Whether any of them shows a member."""
    return lambda name: any(part.shows(name) for part in parts)
