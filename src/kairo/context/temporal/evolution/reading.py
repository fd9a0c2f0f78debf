"""What did an entity say, and when? From entities whose past may be read to what is shown of it, cut where it becomes too much.

An answer that is cut is whole within the time that its Content-Range names: no instance of any attribute or entity in that time
is left out, so a reader may go on from its end (6.3.10). One moment alone may hold more than an answer; behind its last instance
the answer goes on in any case (parts.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from kairo.context.gate import Scope
from kairo.context.temporal.aggregation import store as aggregation_store
from kairo.context.temporal.aggregation.values import Attribute, by_entity, edges
from kairo.context.temporal.asking import Aggregation, TimeFormat, TimeQuery
from kairo.context.temporal.evolution import store
from kairo.context.temporal.evolution.filter import Filter
from kairo.context.temporal.evolution.store import FIRST_FILTER_PARAMETER, Reading, Target
from kairo.context.temporal.parts import Part, part_after
from kairo.context.temporal.represent import Wanted, attributes
from kairo.errors import InvalidRequest, TooManyResults
from kairo.platform.clock import iso

Members = dict[str, dict[str, Any]]  # the attributes of each entity, by stored name


@dataclass(frozen=True, slots=True)
class Ask:
    """What of the past is shown, and how. `shown`: only these attributes (None: all); `named`: those that the asker named."""

    wanted: Wanted
    aggregation: Aggregation | None = None
    shown: tuple[str, ...] | None = None
    omitted: tuple[str, ...] = ()
    datasets: tuple[str, ...] | None = None
    named: frozenset[str] = frozenset()

    @property
    def query(self) -> TimeQuery:
        return self.wanted.query

    def filter(self, *, by_scope: bool = False) -> Filter:
        """The conditions on rows; scopes that a query asks for are shown by their own rule."""
        omitted = (*self.omitted, "scope") if by_scope else self.omitted
        found = Filter.of(FIRST_FILTER_PARAMETER, self.query).only(self.shown, omitted, self.datasets)
        return found.within() if by_scope else found


@dataclass(frozen=True, slots=True)
class Shown:
    """The attributes of each entity; `content_range` and `part`, behind which it goes on, where the answer was cut (206)."""

    members: Members = field(default_factory=dict)
    content_range: str | None = None
    part: Part | None = None


async def show(
    database: Reading,
    scope: Scope,
    targets: Sequence[Target],
    ask: Ask,
    most: int,
    *,
    by_scope: bool = False,
    after: Part | None = None,
) -> Shown:
    """The past of these entities: at most `most` instances, or periods; instances behind those that were shown before."""
    if not targets:
        return Shown()
    if ask.aggregation is not None:
        return Shown(await _aggregated(database, scope, targets, ask, ask.aggregation, most, by_scope=by_scope))
    rows = await store.rows(database, scope, targets, ask.query, ask.filter(by_scope=by_scope), most + 1, after)
    kept, is_cut = _cut(rows, most)
    part = part_after(kept, after) if is_cut else None
    if ask.query.last_n is not None:
        kept.reverse()
    members = attributes(kept, ask.wanted)
    if part is None:
        return Shown(members)
    for row in await store.names(database, scope, targets, ask.filter(by_scope=by_scope)):
        if ask.wanted.form is not TimeFormat.VALUES:
            members.setdefault(row["entity"], {}).setdefault(row["attribute"], [])
    return Shown(members, content_range(ask.query, kept[0]["time"], kept[-1]["time"], after), part)


def _cut(rows: list[Any], most: int) -> tuple[list[Any], bool]:
    """Rows up to the moment where they become too many; what shares that moment goes as a whole, unless nothing would be left."""
    if len(rows) <= most:
        return rows, False
    end = rows[most]["time"]
    kept = [row for row in rows if row["time"] != end]
    return kept or rows[:most], True


def content_range(query: TimeQuery, oldest: datetime, newest: datetime, after: Part | None = None) -> str:
    """The time within which the answer is whole: from the beginning of what is asked for, or with lastN from its end; what was
    shown before aside."""
    if query.last_n is not None:
        return f"date-time {iso(after.time if after else query.end or newest)}-{iso(oldest)}/{query.last_n}"
    return f"date-time {iso(after.time if after else query.start or oldest)}-{iso(newest)}/*"


async def _aggregated(
    database: Reading, scope: Scope, targets: Sequence[Target], ask: Ask, asked: Aggregation, most: int, *, by_scope: bool
) -> Members:
    """The periods of each entity. Entities whose periods begin at the same moment are gathered together."""
    query, period = ask.query, asked.period
    spans: Mapping[str, tuple[datetime, datetime]] = {}
    if query.origin is None or (query.end is None and not (period.is_fixed and not period.is_whole)):
        spans = await aggregation_store.bounds(database, scope, targets, ask.filter(by_scope=by_scope))
        targets = [item for item in targets if item.id in spans]
    groups: dict[tuple[datetime, datetime], list[Target]] = {}
    for item in targets:
        first, last = spans.get(item.id, (query.origin, query.end))
        origin, until = query.origin or first, query.end or last
        if origin is not None:
            groups.setdefault((origin, until or origin), []).append(item)
    found: dict[tuple[str, str, str], Attribute] = {}
    for (origin, until), members in groups.items():
        bounds = [] if period.is_whole or period.is_fixed else period.bounds(origin, until, most)
        length = None if period.is_whole else period.rest if period.is_fixed else bounds
        rows = await aggregation_store.gather(
            database, scope, members, ask.filter(by_scope=by_scope), asked.methods, origin, length, query.last_n, most + 1
        )
        if sum(len(row["periods"]) for row in rows) > most:
            raise TooManyResults(
                f"the answer has more than {most} periods",
                detail_ja=f"集計期間の数が上限（{most}）を超えています。",
                mend="Ask for longer periods, a shorter time range or fewer attributes.",
            )
        for row in rows:
            key = (row["entity"], row["attribute"], row["dataset"])
            one = found.setdefault(key, Attribute(row["kind"], row["dataset"], asked.methods))
            one.add(row, edges(period, origin, until, row["periods"], bounds))
    for (_, name, _), attribute in found.items():
        if name in ask.named and attribute.lacking:
            raise InvalidRequest(
                f"{attribute.lacking[0].value} cannot be made of the values of {name} (4.5.19.1)",
                detail_ja=f"属性 {name} の値は {attribute.lacking[0].value} で集計できません。",
                mend="Ask for totalCount or distinctCount, which every attribute has, or name other attributes.",
            )
    return by_entity((entity, name, attribute) for (entity, name, _), attribute in found.items())


def valid_times(target: Target, intervals: Sequence[tuple[datetime, datetime | None]]) -> Target:
    """The target with the times that count, each from a moment (inclusive) to another (exclusive; None: until now)."""
    ranges = (f"[{iso(start)},{iso(end) if end else ''})" for start, end in intervals)
    return replace(target, valid="{" + ",".join(ranges) + "}")
