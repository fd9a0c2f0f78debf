"""Which linked entities come along with a notification? Those that a query would join, under the subscriber's scope (4.5.23, 5.2.14).

Of each is shown what pick and omit say in braces.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kairo.context.api.joining import Join, Linked, View
from kairo.context.contexts import TermMap
from kairo.context.entities.finding import Row
from kairo.context.gate import Scope
from kairo.context.graph import Graph
from kairo.context.model.joined import Linker
from kairo.context.subscriptions.definition import Definition


async def linked(
    graph: Graph, scope: Scope, rows: Sequence[Row], definition: Definition, terms: TermMap, most: int
) -> tuple[Linker | None, dict[str, dict[str, Any]]]:
    """What is shown inside the relationships of these entities, and what stands behind them in `data`, by id. Raises TooManyResults."""
    if definition.join is None:
        return None, {}
    view = View(terms, replace(definition.representation, geojson=False), definition.projection)
    join = Join(definition.join == "flat", definition.join_level, frozenset())
    found = await Linked(join, most).gather(graph, scope, list(rows), view)
    if join.flat:
        ids = (row.id for row, _ in found.met)
        return None, dict(zip(ids, view.behind(found, definition.representation), strict=True))
    return found.inside(view, view.projection, 0), {}
