"""How is an entity put into words and order? Pure functions over stored documents: what stands first, what is technical, what
a source says, whether an entity answers to what someone typed."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from kairo.context.graph import Doc
from kairo.context.reading import attributes_of, instances_of, value_of
from kairo.platform.i18n import pick

# What a page says in a place of its own: its title, its map, its source, its mark.
ELSEWHERE = frozenset({"name", "source", "location", "locationApproximate", "locationBasis", "locationSource", "synthetic"})
# What a resident need not read: codes, orders and what only machines compare.
TECHNICAL = frozenset(
    "code commonId position municipalityCode municipalityName addressNormalized sameAddressAsEmergencySite sameAddressAsShelter"
    " digest currency footnote namedIn townKnownFrom certainty section measure indicator measures targetPlace baseline target"
    " target2024 target2027 townName repeated approximate budgetPrintedThousandYen chartsWithoutNumbers".split()
)
FIRST = (
    "nameKana",
    "explanation",
    "address",
    "designatedFor",
    "aim",
    "background",
    "content",
    "amountThousandYen",
    "department",
)
LAST = ("note",)
KINDS = ("river-level", "rain", "park-visitors", "rooftop-solar", "soil-moisture")
# Decimal places of live values, so that they do not jump in width.
DIGITS = {"waterLevel": 2, "rainfall": 1, "peopleCount": 0, "generatedPower": 2, "soilMoisture": 1, "speed": 0, "heading": 0}
_KATAKANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}


def folded(text: str) -> str:
    """Text as it is compared: width, capitals and katakana or hiragana do not matter."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_KATAKANA)


def texts_of(doc: Doc, names: Iterable[str]) -> Iterator[str]:
    """The texts of these attributes, in all languages."""
    for name in names:
        for instance in instances_of(doc, name):
            content = instance.get("languageMap", instance.get("value"))
            for text in content.values() if isinstance(content, Mapping) else [content]:
                if isinstance(text, str):
                    yield text


def japanese_name(doc: Doc) -> str:
    """The name in Japanese where there is one."""
    name = value_of(doc, "name")
    return pick(name, "ja") if isinstance(name, Mapping | str) else ""


def answers_to(doc: Doc, typed: str, readings: Mapping[str, str] = MappingProxyType({})) -> bool:
    """Whether every word that was typed stands in its name, reading or address. `readings` leads from the reading of a
    district to its name, both folded: 「ゆだ」 finds what lies in 湯田, which has no reading of its own."""
    said = folded("\n".join(texts_of(doc, ("name", "nameKana", "address", "townName"))))
    return all(word in said or readings.get(word, word) in said for word in folded(typed).split())


def readings_of_names(docs: Iterable[Doc]) -> dict[str, str]:
    """From folded readings to folded names."""
    found = {}
    for doc in docs:
        reading, name = next(texts_of(doc, ("nameKana",)), ""), japanese_name(doc)
        if reading and name:
            found[folded(reading)] = folded(name)
    return found


def facts_of(doc: Doc) -> tuple[list[tuple[str, list[Doc]]], list[tuple[str, list[Doc]]]]:
    """Attributes with their instances: those for everyone, in a readable order, and the technical ones."""
    found = [(name, instances) for name, instances in attributes_of(doc) if name not in ELSEWHERE]
    plain = [pair for pair in found if pair[0] not in TECHNICAL]
    plain.sort(key=lambda pair: _rank(pair[0]))
    return plain, [pair for pair in found if pair[0] in TECHNICAL]


def _rank(name: str) -> int:
    if name in FIRST:
        return FIRST.index(name)
    return 1000 + LAST.index(name) if name in LAST else 500


def source_of(doc: Doc) -> dict[str, str]:
    """Where an entity comes from: `document`, `place` in it, `page`, `published`, `licence`, its `licenceUrl`; those there are."""
    said = value_of(doc, "source")
    if isinstance(said, Mapping):
        return {key: str(said[key]) for key in ("document", "place", "page", "published") if said.get(key)}
    if not isinstance(said, str):
        return {}
    instance = instances_of(doc, "source")[0]
    more = {key: value_of(instance, key) for key in ("licence", "licenceUrl")}
    return {"document": said, **{key: str(value) for key, value in more.items() if value}}


def path_of(id: str, type: str) -> str:
    """Where an entity's page is, without language: a district and a project have pages of their own."""
    slug = id.rsplit(":", 1)[-1]
    if type == "District":
        return f"/districts/{quote(slug, safe='')}"
    if type == "Project" and slug.isdecimal():
        return f"/projects/{int(slug)}"
    return f"/entities/{quote(id, safe=':')}"


def moment_of(text: str | None) -> datetime | None:
    """An observation's time, or None where it says none that can be read."""
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def title_parts(doc: Doc) -> list[Any]:
    """What an entity is called: its name; a series of statistics first says of what."""
    return [found for name in ("indicatorName", "name") if (found := value_of(doc, name))]


def kind_rank(kind: str) -> tuple[int, str]:
    """Kinds of sensor as residents need them: the river and the rain first."""
    return (KINDS.index(kind) if kind in KINDS else len(KINDS), kind)


def yearly(observations: Any) -> list[tuple[str, float | None, bool]]:
    """A series `[{"year", "value", "status"?}, …]` as (year, value, is a projection); empty where it is something else."""
    if not isinstance(observations, Sequence) or isinstance(observations, str):
        return []
    pairs = []
    for row in observations:
        if not isinstance(row, Mapping) or "year" not in row or not isinstance(row.get("value"), int | float | None):
            return []
        pairs.append((str(row["year"]), row.get("value"), row.get("status") == "projection"))
    return pairs
