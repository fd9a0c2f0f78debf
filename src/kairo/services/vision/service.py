"""What do the pages need to know of the Vision? Reads the graph under the asker's scope, in few queries, into plain views."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kairo.context.gate import Scope
from kairo.context.graph import Doc, GraphInterface
from kairo.context.reading import value_of
from kairo.errors import ResourceNotFound
from kairo.services.vision import rules
from kairo.services.vision.entities import CITY, urn
from kairo.services.vision.rules import BudgetLine, Kpi, Texts

MANY = 1000
NEAR_METRES = 2000
SHELTERS = "EvacuationShelter,EmergencyEvacuationSite"


@dataclass(frozen=True, slots=True)
class Project:
    """A priority project. `doc` is the entity: what a template shows as it is, it reads there through `get`."""

    number: int
    name: Texts
    area: int
    area_name: Texts
    field: Texts
    aim: Texts
    printed_thousand_yen: float
    fiscal_year: int
    doc: Doc

    def get(self, name: str, default: Any = "") -> Any:
        """An attribute of the entity."""
        return value_of(self.doc, name, default)


@dataclass(frozen=True, slots=True)
class Series:
    """A statistical series. `points` are (year or period, value, status) in the order of the file."""

    indicator: str
    measure: str
    title: Texts
    name: Texts
    unit: Texts
    area: str
    points: tuple[tuple[str, float, str], ...]
    source: dict[str, Any]
    note: Texts
    doc: Doc

    @property
    def years(self) -> list[tuple[int, float]]:
        """Year and value, for the rules."""
        return [(int(when), value) for when, value, _ in self.points if when.isdigit()]

    @property
    def projected_from(self) -> int | None:
        """The index of the first projection."""
        return next((index for index, point in enumerate(self.points) if point[2] == "projection"), None)


@dataclass(frozen=True, slots=True)
class Spot:
    """Something at a place: a place of the Vision, a sensor, a shelter. `at` is (longitude, latitude), if known."""

    id: str
    name: Texts
    kind: str
    at: tuple[float, float] | None
    doc: Doc


@dataclass(frozen=True, slots=True)
class District:
    """A district (地域) with its people, if the series may be seen."""

    slug: str
    name: Texts
    kana: str
    position: int
    spot: Spot
    people: Series | None
    doc: Doc


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """All that the page of one project shows."""

    project: Project
    kpis: list[Kpi]
    lines: list[BudgetLine]
    places: list[Spot]
    partners: list[Spot]
    talks: list[District]


@dataclass(frozen=True, slots=True)
class DistrictPage:
    """All that the page of one district shows. `within`: shelters lie within its outline, else near its middle."""

    district: District
    places: list[Spot]
    sensors: list[Spot]
    shelters: list[Spot]
    within: bool


@dataclass(frozen=True, slots=True)
class IndicatorsPage:
    """All that the page of the indicators shows; the documents are drawn as they are."""

    series: dict[str, list[Series]]
    survey: list[Doc]
    goals: list[Doc]
    figures: list[Doc]
    city: Doc | None


def numbers_of(doc: Doc, name: str) -> list[str]:
    """The last parts of the ids a relationship points to: of projects `["05", "08"]`."""
    objects = value_of(doc, name, [])
    return [str(each).rsplit(":", 1)[-1] for each in (objects if isinstance(objects, list) else [objects])]


def kpi_of(doc: Doc) -> Kpi:
    """The view of a KeyPerformanceIndicator."""
    values = (value_of(doc, "baseline"), value_of(doc, "target2024"), value_of(doc, "target2027"))
    written = tuple(str(value_of(doc, name, "")) for name in ("baselineWritten", "target2024Written", "target2027Written"))
    also = numbers_of(doc, "alsoInProject")
    return Kpi(
        value_of(doc, "code"), int(numbers_of(doc, "project")[0]), value_of(doc, "name"), value_of(doc, "unit", {}),
        int(value_of(doc, "baselineFiscalYear")), values, (written[0], written[1], written[2]),
        rules.course(values[0], values[1:], value_of(doc, "direction")), value_of(doc, "note", {}), int(also[0]) if also else None,
    )  # fmt: skip


def line_of(doc: Doc) -> BudgetLine:
    """The view of a BudgetLine."""
    return BudgetLine(
        int(numbers_of(doc, "project")[0]), value_of(doc, "name"), value_of(doc, "section", ""), value_of(doc, "department"),
        value_of(doc, "amountThousandYen"), bool(value_of(doc, "repeated", False)), value_of(doc, "content", {}),
        value_of(doc, "note", {}), int(value_of(doc, "position", 0)),
    )  # fmt: skip


def project_of(doc: Doc) -> Project:
    """The view of a Project."""
    area = value_of(doc, "priorityArea", {"number": 0, "name": {}})
    return Project(
        int(value_of(doc, "number")), value_of(doc, "name"), int(area["number"]), area["name"], value_of(doc, "field", {}),
        value_of(doc, "aim", {}), value_of(doc, "budgetPrintedThousandYen", 0), int(value_of(doc, "budgetFiscalYear", 2022)), doc,
    )  # fmt: skip


def series_of(doc: Doc) -> Series:
    """The view of a StatisticalSeries; blank observations are left out."""
    points = tuple(
        (str(point.get("year") or f"{point['from']}/{point['to']}"), point["value"], str(point.get("status", "")))
        for point in value_of(doc, "observations", [])
        if point.get("value") is not None
    )
    return Series(
        value_of(doc, "indicator"), value_of(doc, "measure"), value_of(doc, "indicatorName", {}), value_of(doc, "name"),
        value_of(doc, "unit", {}), numbers_of(doc, "refArea")[0] if value_of(doc, "refArea") else "", points,
        value_of(doc, "source", {}), value_of(doc, "note", {}), doc,
    )  # fmt: skip


def spot_of(doc: Doc) -> Spot:
    """The view of anything that has a name and perhaps a point. A name may be a text or one in several languages."""
    name = value_of(doc, "name", doc["id"].rsplit(":", 1)[-1])
    where = value_of(doc, "location", {})
    at = (where["coordinates"][0], where["coordinates"][1]) if where.get("type") == "Point" else None
    return Spot(doc["id"], name if isinstance(name, dict) else {"ja": str(name)}, str(value_of(doc, "kind", "")), at, doc)


def district_of(doc: Doc, people: Doc | None) -> District:
    """The view of a District with its series."""
    slug = str(doc["id"]).rsplit(":", 1)[-1]
    return District(
        slug, value_of(doc, "name"), value_of(doc, "nameKana", ""), int(value_of(doc, "position", 0)), spot_of(doc),
        series_of(people) if people else None, doc,
    )  # fmt: skip


async def projects(graph: GraphInterface, scope: Scope) -> tuple[list[Project], list[Kpi], list[BudgetLine]]:
    """All projects with all indicators and budget lines."""
    found = await asyncio.gather(*(_all(graph, scope, kind) for kind in ("Project", "KeyPerformanceIndicator", "BudgetLine")))
    lines = sorted((line_of(doc) for doc in found[2]), key=lambda line: (line.project, line.position))
    return sorted(map(project_of, found[0]), key=lambda item: item.number), [kpi_of(doc) for doc in found[1]], lines


async def project(graph: GraphInterface, scope: Scope, number: int) -> ProjectPage:
    """One project and what belongs to it. Raises ResourceNotFound."""
    id = urn("Project", number)
    doc, kpis, lines, places, partners = await asyncio.gather(
        graph.get(scope, id),
        _all(graph, scope, "KeyPerformanceIndicator", f'project=="{id}"'),
        _all(graph, scope, "BudgetLine", f'project=="{id}"'),
        _all(graph, scope, "Place"),
        _all(graph, scope, "Organization"),
    )
    if doc is None:
        raise ResourceNotFound(f"there is no project {number}", detail_ja=f"重点プロジェクト{number}は見つかりません。")
    talks = await graph.get_many(scope, [urn("District", slug) for slug in numbers_of(doc, "districts")])
    mine = [[spot_of(each) for each in docs if f"{number:02}" in numbers_of(each, "projects")] for docs in (places, partners)]
    budget = sorted(map(line_of, lines), key=lambda line: line.position)
    named = [district_of(each, None) for each in talks.values()]
    return ProjectPage(project_of(doc), [kpi_of(each) for each in kpis], budget, mine[0], mine[1], named)


async def districts(graph: GraphInterface, scope: Scope) -> list[District]:
    """The 21 districts with their people, in the order of the Vision's table."""
    docs, people = await asyncio.gather(
        _all(graph, scope, "District"), _all(graph, scope, "StatisticalSeries", 'indicator=="district-population"')
    )
    by_area = {numbers_of(doc, "refArea")[0]: doc for doc in people}
    found = [district_of(doc, by_area.get(str(doc["id"]).rsplit(":", 1)[-1])) for doc in docs]
    return sorted(found, key=lambda item: item.position)


async def people_of(graph: GraphInterface, scope: Scope, slug: str) -> District:
    """One district with its people. Raises ResourceNotFound."""
    ids = [urn("District", slug), urn("StatisticalSeries", f"district-population-{slug}")]
    found = await graph.get_many(scope, ids)
    if ids[0] not in found:
        raise ResourceNotFound(f"there is no district {slug}", detail_ja="その地域は見つかりません。")
    return district_of(found[ids[0]], found.get(ids[1]))


async def district(graph: GraphInterface, scope: Scope, slug: str) -> DistrictPage:
    """One district with its places, sensors and shelters: within its outline where there is one, else near its middle."""
    found = await people_of(graph, scope, slug)
    here = f'district=="{urn("District", slug)}"'
    outline = value_of(found.doc, "boundary")
    area: dict[str, str] = {}
    if outline:
        area = {"georel": "within", "geometry": outline["type"], "coordinates": str(outline["coordinates"]).replace(" ", "")}
    elif found.spot.at:
        near = f"near;maxDistance=={NEAR_METRES}"
        area = {"georel": near, "geometry": "Point", "coordinates": f"[{found.spot.at[0]},{found.spot.at[1]}]"}
    places, sensors, shelters = await asyncio.gather(
        _all(graph, scope, "Place", here),
        _all(graph, scope, "Sensor", here),
        _all(graph, scope, SHELTERS, "", **area) if area else _all(graph, scope, SHELTERS, here),
    )
    spots = [[spot_of(doc) for doc in docs] for docs in (places, sensors, shelters)]
    return DistrictPage(found, spots[0], spots[1], spots[2], bool(outline))


async def indicators(graph: GraphInterface, scope: Scope) -> IndicatorsPage:
    """The city's series, survey results, goal indicators and figures that stand in a sentence, and the city itself."""
    series, survey, goals, figures, city = await asyncio.gather(
        _all(graph, scope, "StatisticalSeries", 'indicator!="district-population"'),
        _all(graph, scope, "SurveyResult"),
        _all(graph, scope, "KeyGoalIndicator"),
        _all(graph, scope, "StatedFigure"),
        graph.get(scope, CITY),
    )
    by_indicator: dict[str, list[Series]] = {}
    for doc in _in_order(series):
        by_indicator.setdefault(value_of(doc, "indicator"), []).append(series_of(doc))
    return IndicatorsPage(by_indicator, _in_order(survey), _in_order(goals), _in_order(figures), city)


async def indicator(graph: GraphInterface, scope: Scope, slug: str) -> list[Series]:
    """The series of one indicator. Raises ResourceNotFound. `slug` is letters, digits and hyphens only."""
    known = slug.replace("-", "").isalnum() and slug.isascii()
    docs = await _all(graph, scope, "StatisticalSeries", f'indicator=="{slug}"') if known else []
    if not docs:
        raise ResourceNotFound(f"there is no indicator {slug[:80]}", detail_ja="その指標は見つかりません。")
    return [series_of(doc) for doc in _in_order(docs)]


async def _all(graph: GraphInterface, scope: Scope, type: str, q: str = "", **more: str) -> Sequence[Doc]:
    return (await graph.find(scope, type, q, limit=MANY, **more)).docs


def _in_order(docs: Sequence[Doc]) -> list[Doc]:
    return sorted(docs, key=lambda doc: value_of(doc, "position", 0))
