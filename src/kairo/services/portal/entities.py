"""How is any entity shown to one reader: what it is called, where its page and its point are, what its values and charts say?"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kairo.context.graph import Doc
from kairo.context.reading import types_of, value_of
from kairo.platform.i18n import Message, pick, strip_readings, with_language, with_ruby
from kairo.platform.manifests import Manifest
from kairo.platform.web import Kit, Link, Page, Place
from kairo.platform.web.charts import Line, Long, Series
from kairo.services.portal import rules, service

FRAME = ("crumbs", "stream", "updated_at", "wide", "query", "robots", "synthetic", "own_search")
LEAST_FOR_A_CHART = 3


class Desk:
    """Draws the portal for one reader."""

    def __init__(self, kit: Kit, page: Page, parts: Sequence[Manifest] = ()) -> None:
        self.kit = kit
        self.page = page
        self.kinds = {kind.type: kind for part in parts for kind in part.entity_types}

    def t(self, key: str, **values: Any) -> str:
        """A message of the portal; with its readings where a template shows it."""
        return self.kit.catalogue.translate(self.page.language, f"portal.{key}", **values)

    def pick(self, texts: Any) -> str:
        """The reader's text of a languageMap, or the text itself."""
        return pick(texts, self.page.language) if isinstance(texts, str | dict) else str(texts or "")

    def name(self, doc: Doc) -> str:
        """What an entity is called; what is about a person and has no name is called by its type, anything else by its id."""
        called = " ".join(self.pick(part) for part in rules.title_parts(doc))
        return called or (self.type_title(service.main_type(doc)) if self.is_personal(doc) else str(doc["id"]))

    def type_title(self, type: str) -> str:
        """What a type is called; with its readings where a template shows it."""
        if type not in self.kinds:
            return type
        text = pick(self.kinds[type].title, self.page.language)
        return Message(strip_readings(text), with_ruby(text))

    def is_personal(self, doc: Doc) -> bool:
        """Whether this is about a person: shown only to those who may see it."""
        return any(type in self.kinds and self.kinds[type].data_class == "personal" for type in types_of(doc))

    def says(self, group: str, key: str) -> bool:
        """Whether there is a word for this name."""
        return bool(key) and self.kit.catalogue.has(f"portal.{group}.{key}")

    def label(self, group: str, key: str) -> str:
        """A message if there is one, else the key itself: for names of attributes, units and codes, which are open-ended."""
        return self.t(f"{group}.{key}") if self.says(group, key) else key

    def address(self, doc: Doc) -> str:
        """Where an entity's page is, in the reader's language."""
        return self.address_of(doc["id"], service.main_type(doc))

    def address_of(self, id: str, type: str) -> str:
        """Where the page of an entity is of which only id and type are known."""
        return with_language(rules.path_of(id, type), self.page.language)

    def place(self, doc: Doc, kind: int, text: str = "") -> Place:
        """An entity as a point and a line of the list."""
        at = service.point_of(doc)
        lon, lat = at or (None, None)
        return Place(
            id=doc["id"], label=self.name(doc), longitude=lon, latitude=lat, text=text, kind=kind, href=self.address(doc)
        )

    def beneath(self, doc: Doc) -> str:
        """What stands under a place's name: its address and what it is designated for, and that it is made up."""
        said = [str(value_of(doc, "address", ""))]
        designated = value_of(doc, "designatedFor")
        if isinstance(designated, list):
            said.append(self.t("map.designated", hazards="、".join(self.label("code", str(hazard)) for hazard in designated)))
        if service.is_synthetic(doc):
            said.append(self.kit.t(self.page.language, "kit.synthetic.badge"))
        return "　".join(filter(None, said))

    def group(self, title: str, docs: Sequence[Doc]) -> str:
        """The title of a group of places, which says so where they are made up."""
        made_up = any(map(service.is_synthetic, docs))
        badge = self.kit.catalogue.translate(self.page.language, "kit.synthetic.badge")
        return self.t("map.made_up", name=self.t(title), badge=badge) if made_up else self.t(title)

    def course(self, number: int, name: str, doc: Doc, rows: list[tuple[Any, Any]]) -> Long | None:
        """How an observed value ran, as a chart; None where there are too few numbers."""
        values = tuple(value if isinstance(value, int | float) else None for _, value in rows)
        if sum(value is not None for value in values) < LEAST_FOR_A_CHART:
            return None
        label = self.label("attribute", name)
        unit = self.label("unit", next((one.unit for one in service.readings_of(doc) if one.attribute == name), ""))
        times = tuple(moment for moment, _ in rows)
        title = self.t("entity.history", name=label)
        return Long(f"history-{number}", title, times, ((str(label), values),), str(unit), x_title=str(self.t("entity.when")))

    def series(self, doc: Doc) -> Line | None:
        """The chart of a statistical series, where the entity is one with a value for each year."""
        rows = rules.yearly(value_of(doc, "observations"))
        if len(rows) < LEAST_FOR_A_CHART:
            return None
        guesses = [index for index, (_, _, projected) in enumerate(rows) if projected]
        curve = Series(self.pick(value_of(doc, "name")), tuple(value for _, value, _ in rows), guesses[0] if guesses else None)
        years = tuple(year for year, _, _ in rows)
        return Line("series", self.name(doc), years, (curve,), self.pick(value_of(doc, "unit")), str(self.t("entity.year")))

    def month(self, text: str) -> str:
        """`2022-03` as one reads it; anything else as it is."""
        year, _, month = text.partition("-")
        return (
            str(self.t("entity.month", year=year, month=month.zfill(2) if self.page.language == "en" else month.lstrip("0")))
            if month.isdecimal()
            else text
        )

    def render(self, template: str, *, title: str, lead: str = "", home: bool = True, **values: Any) -> str:
        """The page; `values` whose names the Page has change the frame."""
        frame = {name: values.pop(name) for name in FRAME if name in values}
        crumbs = (Link(self.t("home.crumb"), "/"),) if home else ()
        page = replace(self.page, **{"title": title, "lead": lead, "crumbs": crumbs, **frame})
        return self.kit.render(f"portal/{template}.html", page, desk=self, rules=rules, **values)
