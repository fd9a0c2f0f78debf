"""Which pages show the Vision? Projects, districts, indicators and the budget. Under /{language}/; what is handed in: api.py."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from litestar import MediaType, get
from litestar.params import FromPath, FromQuery

from kairo.context.graph import Doc
from kairo.context.reading import content_of, instances_of, value_of
from kairo.platform.web import Link, Place
from kairo.platform.web.charts import Bars, Columns, Line, Target
from kairo.platform.web.charts import Series as Curve
from kairo.platform.web.filters import number
from kairo.services.vision import rules, service
from kairo.services.vision.api import Access, Drawing, Frame, Graph, Words
from kairo.services.vision.permissions import check_read
from kairo.services.vision.rules import Kpi
from kairo.services.vision.service import District, Series, Spot

YEARS = ("2020", "2024", "2027")
SORTS = ("list", "name", "people", "change")
# Sections of the page of indicators: (section, indicator, how it is drawn).
PANELS = (
    ("people", "population", "line"), ("people", "older-share", "bars"), ("births", "natural-change", "line"),
    ("births", "fertility", "line"), ("moves", "migration-by-age", "by_period"), ("moves", "migration-destinations", "bars"),
    ("work", "commuting-share", "bars"), ("work", "labour-force", "line"), ("work", "women-in-work", "line"),
    ("work", "job-openings", "line"), ("safety", "phone-fraud-cases", "columns"), ("safety", "phone-fraud-loss", "columns"),
)  # fmt: skip
UNIT_SIGNS = {"MTR": "m", "MMT": "mm", "CEL": "℃", "P1": "%", "KWT": "kW", "KWH": "kWh", "C62": "", "HPA": "hPa", "LUX": "lx"}
ABOUT = {"natural-change": "natural_change", "commuting-share": "private_car"}  # the series a chart's sentence speaks of


class Desk(Words):
    """Draws for one reader: charts and pages in their language."""

    __slots__ = ()

    def render(
        self, name: str, title: str, lead: str = "", crumbs: Sequence[Link] = (), live: Sequence[Spot] = (), **values: Any
    ) -> str:
        """The page. `crumbs` are the pages above it, `live` the sensors whose values it follows; only they may be synthetic."""
        home = Link(self.kit.t(self.page.language, "kit.nav.top"), "/")
        page = replace(self.page, title=title, lead=lead, crumbs=(home, *crumbs))
        made_up = any(value_of(spot.doc, "synthetic", False) for spot in live)
        stream = "/live?ids=" + ",".join(spot.id for spot in live[:200]) if live else ""
        page = replace(page, synthetic=made_up, stream=stream)
        return self.kit.render(f"vision/{name}.html", page, desk=self, **values)

    def crumb(self, name: str) -> Link:
        """One of this service's main pages, as a crumb."""
        return Link(str(self.t(f"nav.{name}")), f"/{name}")

    def kpi(self, kpi: Kpi) -> Bars | Target:
        """The way of an indicator: bars where there are numbers to compare, else its stations in words."""
        id, title, unit = f"kpi-{kpi.code}", self.pick(kpi.name), self.pick(kpi.unit)
        words = str(self.t(f"course.{kpi.course}"))
        when = [str(self.t("kpi.year", year=year)) for year in (kpi.year, *YEARS[1:])]
        if kpi.values[0] is not None and any(value is not None for value in kpi.values[1:]):
            labels = [self.t("kpi.baseline", year=when[0]), *(self.t("kpi.target", year=year) for year in when[1:])]
            items = tuple((str(label), value) for label, value in zip(labels, kpi.values, strict=True))
            table = str(self.t("kpi.when"))
            return Bars(id, title, items, unit, words, table, digits=_digits(kpi.values), csv_href=self._kpis_csv(kpi))
        written = tuple(self._as_written(text) for text in kpi.written)
        targets = tuple(zip(when[1:], written[1:], strict=True))
        return Target(id, title, (when[0], written[0]), targets, unit=unit, description=words)

    def _kpis_csv(self, kpi: Kpi) -> str:
        return self.address(f"/projects/{kpi.project}/kpis.csv")

    def _as_written(self, text: str) -> str:
        return str(self.t("kpi.blank")) if text in {"－", ""} else text

    def goal(self, doc: Doc) -> Target:
        """A goal of the whole Vision. The document prints no present value."""
        year = str(self.t("kpi.year", year=value_of(doc, "targetFiscalYear")))
        blank = ("", str(self.t("kpi.blank")))
        return Target(
            f"goal-{value_of(doc, 'position', 0)}",
            self.pick(value_of(doc, "name")),
            blank,
            ((year, value_of(doc, "targetWritten")),),
        )

    def survey(self, measure: str, docs: Sequence[Doc]) -> Bars:
        """What residents answered, ranks without values as blanks."""
        items = tuple((self.pick(value_of(doc, "name")), value_of(doc, "score")) for doc in docs)
        words = {
            "description": str(self.t(f"survey.{measure}_words")), "item_title": str(self.t("survey.field")),
            "source": self.source(value_of(docs[0], "source", {})) if docs else "",
        }  # fmt: skip
        unit = self.pick(value_of(docs[0], "unit", "")) if docs else ""
        return Bars(f"survey-{measure}", str(self.t(f"survey.{measure}")), items, unit, digits=2, **words)

    def panel(self, indicator: str, kind: str, group: Sequence[Series]) -> Line | Bars | Columns:
        """The chart of one indicator of the city."""
        first = group[0]
        words = (
            str(self.t(f"says.{indicator}", **_said(indicator, group)))
            if self.kit.catalogue.has(f"vision.says.{indicator}")
            else ""
        )
        given: dict[str, Any] = {
            "id": f"indicator-{indicator}", "title": self.pick(first.title), "unit": self.pick(first.unit), "description": words,
            "csv_href": self.address(f"/indicators/{indicator}.csv"), "source": self.source(first.source),
        }  # fmt: skip
        labels = tuple(dict.fromkeys(point[0] for series in group for point in series.points))
        cells = [(self.pick(series.name), {point[0]: point[1] for point in series.points}) for series in group]
        if kind == "bars":
            latest = labels[-1]
            title = f"{given['title']}（{self.when(latest)}）"
            shown = [pair for pair, series in zip(cells, group, strict=True) if _is_main(series)]
            items = tuple((name, values.get(latest)) for name, values in shown)
            return Bars(**given | {"title": title}, items=items, item_title=str(self.t("table.item")))
        if kind == "by_period":
            periods = tuple((self.when(label), tuple(values.get(label) for _, values in cells)) for label in labels)
            return Columns(**given, x=tuple(name for name, _ in cells), series=periods, x_title=str(self.t("table.item")))
        x, title = tuple(self.when(label) for label in labels), str(self.t("table.year"))
        if kind == "columns":
            columns = tuple((name, tuple(values.get(label) for label in labels)) for name, values in cells)
            return Columns(**given, x=x, series=columns, x_title=title)
        curves = tuple(
            Curve(name, tuple(values.get(label) for label in labels), series.projected_from)
            for (name, values), series in zip(cells, group, strict=True)
        )
        return Line(**given, x=x, series=curves, x_title=title)

    def people(self, district: District) -> Line | None:
        """The people of a district by year."""
        series = district.people
        if series is None:
            return None
        curve = Curve(self.pick(district.name), tuple(point[1] for point in series.points), series.projected_from)
        return Line(
            "people", str(self.t("district.people")), tuple(point[0] for point in series.points), (curve,), self.pick(series.unit),
            str(self.t("table.year")), from_zero=True, source=self.source(series.source),
            csv_href=self.address(f"/districts/{district.slug}/population.csv"),
        )  # fmt: skip

    def spots(self, spots: Iterable[Spot], kind: int) -> list[Place]:
        """Entities as points on the map and in its list."""
        return [
            Place(id=spot.id, label=self.pick(spot.name), longitude=spot.at[0] if spot.at else None, kind=kind,
                  latitude=spot.at[1] if spot.at else None, text=self.pick(value_of(spot.doc, "note", "")))
            for spot in spots
        ]  # fmt: skip


@get("/projects", media_type=MediaType.HTML, permission="read open data")
async def show_projects(graph: Graph, access: Access, kit: Drawing, page: Frame) -> str:
    """The 14 projects by priority area."""
    check_read(access)
    desk = Desk(kit, page)
    projects, kpis, lines = await service.projects(graph, access)
    areas: dict[int, list[service.Project]] = {}
    for item in sorted(projects, key=lambda item: item.area):
        areas.setdefault(item.area, []).append(item)
    counts = {item.number: sum(kpi.project == item.number for kpi in kpis) for item in projects}
    return desk.render(
        "projects", desk.t("projects.title"), desk.t("projects.lead"), areas=areas, counts=counts, once=rules.once(lines)
    )


@get("/projects/{number:int}", media_type=MediaType.HTML, permission="read open data")
async def show_project(number: FromPath[int], graph: Graph, access: Access, kit: Drawing, page: Frame) -> str:
    """One project."""
    check_read(access)
    desk = Desk(kit, page)
    found = await service.project(graph, access, number)
    kpis = [(kpi, desk.kpi(kpi)) for kpi in found.kpis]
    sections = [(part, [line for line in found.lines if line.section == part.get("number", "")])
                for part in found.project.get("budgetSections", [])]  # fmt: skip
    title = f"{number}　{desk.pick(found.project.name)}"
    places = desk.spots(found.places, 1)
    return desk.render(
        "project", title, desk.pick(found.project.aim), [desk.crumb("projects")], project=found.project, kpis=kpis, sections=sections,
        places=places, partners=found.partners, talks=found.talks, printed=rules.printed(found.lines), once=rules.once(found.lines),
    )  # fmt: skip


@get("/districts", media_type=MediaType.HTML, permission="read open data")
async def show_districts(graph: Graph, access: Access, kit: Drawing, page: Frame, sort: FromQuery[str] = "list") -> str:
    """The 21 districts."""
    check_read(access)
    desk = Desk(kit, page)
    found = [item for item in await service.districts(graph, access) if item.people is not None and item.people.points]
    rows = [(item, item.people.years, rules.change(item.people.years)) for item in found if item.people]
    orders: dict[str, Any] = {
        "name": lambda row: row[0].kana, "people": lambda row: -row[1][0][1], "change": lambda row: -(row[2][1] or 0),
    }  # fmt: skip
    chosen = sort if sort in SORTS else "list"
    rows.sort(key=orders.get(chosen, lambda row: row[0].position))
    return desk.render(
        "districts", desk.t("districts.title"), desk.t("districts.lead"), rows=rows, sorts=SORTS, chosen=chosen, rules=rules
    )


@get("/districts/{slug:str}", media_type=MediaType.HTML, permission="read open data")
async def show_district(slug: FromPath[str], graph: Graph, access: Access, kit: Drawing, page: Frame) -> str:
    """One district: its people, places, sensors and shelters."""
    check_read(access)
    desk = Desk(kit, page)
    found = await service.district(graph, access, slug)
    people = found.district.people
    years = people.years if people else []
    spots = [*desk.spots(found.places, 1), *desk.spots(found.shelters, 2), *desk.spots(found.sensors, 3)]
    return desk.render(
        "district", desk.t("district.title", name=desk.pick(found.district.name)), "", [desk.crumb("districts")], found.sensors, found=found,
        chart_spec=desk.people(found.district), years=years, change=rules.change(years) if years else None, spots=spots,
        peak=rules.peak(years) if years else None, readings={spot.id: _reading(spot) for spot in found.sensors},
        names=[(desk.pick(found.district.name), *found.district.spot.at)] if found.district.spot.at else [], near=service.NEAR_METRES,
    )  # fmt: skip


@get("/indicators", media_type=MediaType.HTML, permission="read open data")
async def show_indicators(graph: Graph, access: Access, kit: Drawing, page: Frame) -> str:
    """The city in numbers."""
    check_read(access)
    desk = Desk(kit, page)
    found = await service.indicators(graph, access)
    sections: dict[str, list[Any]] = {}
    for section, indicator, kind in PANELS:
        if indicator in found.series:
            group = found.series[indicator]
            sections.setdefault(section, []).append((desk.panel(indicator, kind, group), desk.pick(group[0].note)))
    goals = [desk.goal(doc) for doc in found.goals]
    surveys = [desk.survey(measure, [doc for doc in found.survey if value_of(doc, "measure") == measure])
               for measure in ("satisfaction", "importance")] if found.survey else []  # fmt: skip
    blank = value_of(found.city, "chartsWithoutNumbers", []) if found.city else []
    return desk.render(
        "indicators", desk.t("indicators.title"), desk.t("indicators.lead"), sections=sections, goals=goals, surveys=surveys,
        figures=found.figures, blank=blank, goal=value_of(found.city, "populationGoal", {}) if found.city else {},
    )  # fmt: skip


@get("/budget", media_type=MediaType.HTML, permission="read open data")
async def show_budget(graph: Graph, access: Access, kit: Drawing, page: Frame) -> str:
    """What the projects cost in fiscal 2022, each programme counted once."""
    check_read(access)
    desk = Desk(kit, page)
    projects, _, lines = await service.projects(graph, access)
    rows = []
    for item in projects:
        mine = [line for line in lines if line.project == item.number]
        rows.append((item, rules.printed(mine), rules.printed(mine) - rules.once(mine), rules.once(mine)))
    paid = [line for line in lines if not line.repeated and line.amount is not None]
    by_department = rules.summed(paid, lambda line: line.department, lambda line: line.amount or 0.0)
    unit = str(desk.t("budget.thousand_yen"))
    named = tuple(
        (_short(f"{item.number} {desk.pick(item.name)}"), once) for item, _, _, once in sorted(rows, key=lambda row: -row[3])
    )
    title, where = str(desk.t("budget.by_project")), str(desk.t("budget.project"))
    first = Bars("budget-projects", title, named, unit, item_title=where)
    title, where = str(desk.t("budget.by_department")), str(desk.t("budget.department"))
    second = Bars("budget-departments", title, tuple(by_department.items()), unit, item_title=where)
    return desk.render(
        "budget", desk.t("budget.title"), desk.t("budget.lead"), [desk.crumb("projects")], rows=rows, lines=lines,
        charts=[first, second], once=rules.once(lines), printed=rules.printed(lines), shares=rules.shares(by_department),
    )  # fmt: skip


def _said(indicator: str, group: Sequence[Series]) -> dict[str, str]:
    """The numbers that the sentence above a chart may name: of the series it is about, and how far the groups lie apart."""
    about = next((series for series in group if series.measure == ABOUT.get(indicator)), group[0])
    ends = [point[1] for point in about.points]
    years = about.years or [(0, 0.0)]
    gap = group[-1].points[-1][1] - group[0].points[-1][1]
    return {
        "first": number(abs(ends[0])), "last": number(abs(ends[-1])), "first_year": str(years[0][0]),
        "last_year": str(years[-1][0]), "peak_year": str(rules.peak(years)[0]), "gap": number(round(gap, 2)),
        "projected_year": about.points[about.projected_from][0] if about.projected_from is not None else "",
    }  # fmt: skip


def _short(text: str) -> str:
    """A name that fits before a bar; the table below has it whole."""
    most = 18 if any("ぁ" <= sign <= "龥" for sign in text) else 32
    return text if len(text) <= most else text[: most - 1] + "…"


def _digits(values: Iterable[float | None]) -> int | None:
    """One decimal where any value has one, so that 60 and 57.0 stand alike."""
    return 1 if any(value is not None and isinstance(value, float) for value in values) else None


def _is_main(series: Series) -> bool:
    """Whether the series is the total of its item (of migration by destination), or has no parts."""
    return series.indicator != "migration-destinations" or series.measure.endswith("-total")


def _reading(spot: Spot) -> tuple[str, Any, str] | None:
    """What a sensor measures, by its `measures`: attribute, value and unit; None where there is no value yet."""
    name = str(value_of(spot.doc, "measures", ""))
    found = instances_of(spot.doc, name) if name else []
    return (name, content_of(found[0]), UNIT_SIGNS.get(str(found[0].get("unitCode", "")), "")) if found else None
