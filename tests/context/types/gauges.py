"""A type that has three versions, as a manifest would declare it after each: what the tests of this folder stand on.

1: `level` in centimetres, `name` as a text, `phone` personal.  2: `height` in metres, `name` in languages.  3: `remarks` too.
"""

from datetime import date
from typing import Any, Literal

from hypothesis import strategies as st

from kairo.context.gate import Declarations
from kairo.platform.manifests import EntityType, FormerVersion, attributes

PERSONAL = frozenset({"phone"})
FIRST = attributes(level="number CMT!", name="text", phone="text", location="Point")
SECOND = attributes(height="number MTR!", name="LanguageProperty", phone="text", location="Point")
THIRD = SECOND + attributes(remarks="text")
SINCE, SUNSET = date(2026, 12, 1), date(2027, 4, 1)


def instances(stored: Any) -> list[dict[str, Any]]:
    """All instances of an attribute."""
    return stored if isinstance(stored, list) else [stored]


def to_second(doc: dict[str, Any]) -> dict[str, Any]:
    """Centimetres to metres, and a name that says that it is Japanese."""
    doc = dict(doc)
    if "level" in doc:
        new = [{**one, "value": one["value"] / 100, "unitCode": "MTR"} for one in instances(doc.pop("level"))]
        doc["height"] = new if len(new) > 1 else new[0]
    if "name" in doc:
        one = doc["name"]
        rest = {key: value for key, value in one.items() if key not in ("type", "value")}
        doc["name"] = {"type": "LanguageProperty", "languageMap": {"ja": one["value"]}, **rest}
    return doc


def gauge(version: int, data_class: Literal["open", "personal"] = "open", personal: frozenset[str] = PERSONAL) -> EntityType:
    """The type as it is declared once it has this many versions."""
    former = (FormerVersion(FIRST, SINCE, SUNSET, to_second), FormerVersion(SECOND, SUNSET))
    present = (FIRST, SECOND, THIRD)[version - 1]
    return EntityType(
        "Gauge", data_class, {"en": "Gauge"}, personal_attributes=personal, attributes=present, former=former[: version - 1]
    )


def declared(version: int, **more: Any) -> Declarations:
    """The declarations of a program at this version, with a second type that has two versions from the second one on."""
    renamed = FormerVersion(attributes(shade="text"), SINCE, SUNSET, to_colour)
    paint = EntityType("Paint", "open", {"en": "Paint"}, attributes=attributes(shade="text"))
    if version > 1:
        paint = EntityType("Paint", "open", {"en": "Paint"}, attributes=attributes(colour="text"), former=(renamed,))
    return Declarations.of([gauge(version, **more), paint, EntityType("Plain", "open", {"en": "Plain"})])


def to_colour(doc: dict[str, Any]) -> dict[str, Any]:
    """`shade` is called `colour`."""
    return {"colour" if name == "shade" else name: stored for name, stored in doc.items()}


TEXTS = st.text(max_size=20)
NUMBERS = st.floats(-1000, 1000) | st.integers(-1000, 1000)
LEVELS = st.builds(lambda value: {"type": "Property", "value": value, "unitCode": "CMT"}, NUMBERS)
DATASETS = st.builds(lambda one, n: {**one, "datasetId": f"urn:set:{n}"}, LEVELS, st.integers(0, 2))
PROPERTIES = st.builds(lambda value: {"type": "Property", "value": value}, TEXTS)
POINTS = st.builds(
    lambda x, y: {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [x, y]}},
    st.floats(-180, 180),
    st.floats(-90, 90),
)
OPTIONAL = {"name": PROPERTIES, "phone": PROPERTIES, "location": POINTS, "somethingElse": PROPERTIES}


@st.composite
def first_documents(draw: st.DrawFn) -> dict[str, Any]:
    """A stored document of version 1: `level` once or in several data sets, whatever else, and an attribute nobody declared."""
    levels: Any = draw(LEVELS | st.lists(DATASETS, min_size=2, max_size=3, unique_by=lambda one: one["datasetId"]))
    rest = draw(st.fixed_dictionaries({}, optional=OPTIONAL))
    return {"id": "urn:ngsi-ld:Gauge:1", "type": "Gauge", "level": levels, **rest}
