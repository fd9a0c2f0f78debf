"""Which entities are measured with? Things of six attributes, the same for a number wherever they are made."""

from typing import Any

import orjson

TYPE = "BenchThing"
STATUSES = ("open", "closed", "full", "unknown")
LONGITUDE, LATITUDE = 131.35, 34.10  # the grid's south-west corner; its cells are about 100 m wide
COLUMNS = 500


def id_of(number: int) -> str:
    """The id of a thing."""
    return f"urn:ngsi-ld:{TYPE}:{number:07d}"


def place_of(number: int) -> tuple[float, float]:
    """Longitude and latitude of a thing: its cell of a grid, row by row."""
    row, column = divmod(number, COLUMNS)
    return round(LONGITUDE + column * 0.001, 6), round(LATITUDE + row * 0.001, 6)


def entity(number: int, *, placed: bool = True) -> dict[str, Any]:
    """A thing of six attributes in normalized form; the sixth is a place, or else one more text."""
    sixth: dict[str, Any] = {"location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": place_of(number)}}}
    if not placed:
        sixth = {"note": {"type": "Property", "value": "段差あり。夜間は警備員がいます。"}}
    return {
        "id": id_of(number),
        "type": TYPE,
        "name": {"type": "Property", "value": f"山口市の計測点 第{number}号"},
        "status": {"type": "Property", "value": STATUSES[number % len(STATUSES)]},
        "temperature": {
            "type": "Property",
            "value": number % 400 / 10,
            "unitCode": "CEL",
            "observedAt": "2026-04-01T09:30:00Z",
        },
        "capacity": {"type": "Property", "value": number % 97},
        "district": {"type": "Relationship", "object": f"urn:ngsi-ld:District:{number % 21:02d}"},
        **sixth,
    }


def body(number: int, *, placed: bool = True) -> bytes:
    """The thing as the body of a create."""
    return orjson.dumps(entity(number, placed=placed))
