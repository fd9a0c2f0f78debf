"""Which tables of the Vision can be taken along? The numbers of every page as CSV, as Excel in Japan opens them; and the words.

Litestar hands in four things by name: `graph`, `access` (the asker's Scope), `kit`, and `page` (language, path, navigation).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from kairo.context.gate import Scope
from kairo.context.graph import Doc, GraphInterface
from kairo.context.reading import value_of
from kairo.errors import ResourceNotFound
from kairo.platform.i18n import Message, pick, with_language
from kairo.platform.web import Kit, Page
from kairo.platform.web.charts import DataTable
from kairo.platform.web.filters import day
from kairo.services.vision import rules, service
from kairo.services.vision.permissions import check_read
from kairo.services.vision.rules import BudgetLine, Kpi, Texts
from kairo.services.vision.service import Series

Graph = NamedDependency[SkipValidation[GraphInterface]]
Access = NamedDependency[SkipValidation[Scope]]
Drawing = NamedDependency[SkipValidation[Kit]]
Frame = NamedDependency[SkipValidation[Page]]


@dataclass(frozen=True, slots=True)
class Words:
    """Speaks and writes tables for one reader."""

    kit: Kit
    page: Page

    def t(self, key: str, **values: Any) -> Message:
        """A message of this service."""
        return self.kit.catalogue.translate(self.page.language, f"vision.{key}", **values)

    def pick(self, texts: Texts | str | None) -> str:
        """A text of an entity."""
        return pick(texts, self.page.language)

    def address(self, path: str) -> str:
        """An address of this site in the reader's language."""
        return with_language(path, self.page.language)

    def source(self, source: dict[str, Any]) -> str:
        """Where a number stands in the document."""
        text = self.t("source.short", document=source.get("document", ""), place=source.get("place", ""))
        return str(text) + (str(self.t("source.page", page=source["page"])) if source.get("page") else "")

    def when(self, label: str) -> str:
        """A year as it is; a period as its two months."""
        first, _, last = label.partition("/")
        return f"{first[:7]}～{last[:7]}" if last else first

    def of(self, doc: Doc, name: str, default: Any = None) -> Any:
        """An attribute of an entity, for templates."""
        return value_of(doc, name, default)

    def money(self, thousand: float) -> str:
        """Thousand yen in words."""
        return rules.yen_in_words(thousand, english=self.page.language == "en")

    def day(self, written: str) -> str:
        """A date as one reads it."""
        return day(date.fromisoformat(written), self.page.language, weekday=False)

    def csv(self, table: DataTable, name: str) -> Response[bytes]:
        """The table as a file that Excel in Japan opens."""
        headers = {"content-disposition": f'attachment; filename="{name}.csv"'}
        return Response(table.csv(), media_type="text/csv", headers=headers)

    def kpi_table(self, kpis: Sequence[Kpi]) -> DataTable:
        """Indicators with numbers and words side by side."""
        heads = (
            "code",
            "project",
            "name",
            "unit",
            "year",
            "value",
            "written",
            "value2024",
            "written2024",
            "value2027",
            "written2027",
        )
        rows = tuple(
            (k.code, k.project, self.pick(k.name), self.pick(k.unit), k.year, k.values[0], k.written[0], k.values[1], k.written[1],
             k.values[2], k.written[2])
            for k in kpis
        )  # fmt: skip
        return DataTable(tuple(str(self.t(f"csv.{head}")) for head in heads), rows)

    def budget_table(self, lines: Sequence[BudgetLine]) -> DataTable:
        """Budget lines in thousand yen."""
        heads = ("project", "section", "name", "department", "thousand_yen", "repeated", "content")
        rows = tuple(
            (line.project, line.section, self.pick(line.name), line.department, line.amount,
             str(self.t("budget.repeated")) if line.repeated else "", self.pick(line.content))
            for line in lines
        )  # fmt: skip
        return DataTable(tuple(str(self.t(f"csv.{head}")) for head in heads), rows)

    def series_table(self, group: Sequence[Series]) -> DataTable:
        """Series as a table, the longer side downwards; censuses and projections are told apart where the source does."""
        labels = tuple(dict.fromkeys(point[0] for series in group for point in series.points))
        cells = [(self.pick(series.name), {point[0]: point[1] for point in series.points}) for series in group]
        unit = self.pick(group[0].unit)
        if len(group) > len(labels):
            rows = tuple((name, *(values.get(label) for label in labels)) for name, values in cells)
            return DataTable((str(self.t("table.item")), *map(self.when, labels)), rows, unit)
        status = {point[0]: point[2] for series in group for point in series.points}
        heads = (str(self.t("table.year")), *(f"{name}（{unit}）" for name, _ in cells))
        words = [(str(self.t(f"status.{status[label]}")),) if any(status.values()) else () for label in labels]
        lines = [(self.when(label), *(values.get(label) for _, values in cells)) for label in labels]
        if any(status.values()):
            heads = (*heads, str(self.t("table.status")))
        return DataTable(heads, tuple((*line, *word) for line, word in zip(lines, words, strict=True)))


@get("/projects/kpis.csv", permission="read open data")
async def every_kpi(graph: Graph, access: Access, kit: Drawing, page: Frame) -> Response[bytes]:
    """All indicators of all projects as CSV."""
    check_read(access)
    words = Words(kit, page)
    return words.csv(words.kpi_table((await service.projects(graph, access))[1]), "kpis")


@get("/projects/{number:int}/kpis.csv", permission="read open data")
async def project_kpis(number: FromPath[int], graph: Graph, access: Access, kit: Drawing, page: Frame) -> Response[bytes]:
    """The indicators of one project as CSV."""
    check_read(access)
    words = Words(kit, page)
    return words.csv(words.kpi_table((await service.project(graph, access, number)).kpis), f"project-{number:02}-kpis")


@get("/districts/population.csv", permission="read open data")
async def every_district(graph: Graph, access: Access, kit: Drawing, page: Frame) -> Response[bytes]:
    """The people of all districts as CSV."""
    check_read(access)
    words = Words(kit, page)
    found = [item.people for item in await service.districts(graph, access) if item.people]
    if not found:
        raise ResourceNotFound("there are no districts", detail_ja="地域のデータがありません。")
    return words.csv(words.series_table(found), "districts-population")


@get("/districts/{slug:str}/population.csv", permission="read open data")
async def district_people(slug: FromPath[str], graph: Graph, access: Access, kit: Drawing, page: Frame) -> Response[bytes]:
    """The people of one district as CSV."""
    check_read(access)
    words = Words(kit, page)
    found = await service.people_of(graph, access, slug)
    if found.people is None:
        raise ResourceNotFound(f"there are no figures for {slug}", detail_ja="この地域の人口データがありません。")
    return words.csv(words.series_table([found.people]), f"{found.slug}-population")


@get("/indicators/{file:str}", permission="read open data")
async def indicator_table(file: FromPath[str], graph: Graph, access: Access, kit: Drawing, page: Frame) -> Response[bytes]:
    """One indicator of the city as CSV: /indicators/fertility.csv."""
    check_read(access)
    words = Words(kit, page)
    name, _, ending = file.rpartition(".")
    if ending != "csv":
        raise ResourceNotFound("indicators are offered as .csv", detail_ja="指標の表は .csv で提供しています。")
    return words.csv(words.series_table(await service.indicator(graph, access, name)), name)


@get("/budget/lines.csv", permission="read open data")
async def budget_table(graph: Graph, access: Access, kit: Drawing, page: Frame) -> Response[bytes]:
    """All budget lines as CSV, the repeated ones marked."""
    check_read(access)
    words = Words(kit, page)
    _, _, lines = await service.projects(graph, access)
    return words.csv(words.budget_table(lines), "budget-fy2022")
