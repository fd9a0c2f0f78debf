"""Which open entities are measured with? Things of six attributes, sensors with a past: the same for a number wherever made."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

TENANT: Final = "352039"
TYPE: Final = "BenchThing"
SENSOR_TYPE: Final = "BenchSensor"
STATUSES: Final = ("open", "closed", "full", "unknown")
LONGITUDE, LATITUDE = 131.35, 34.10  # the grid's south-west corner; its cells are about 100 m wide
COLUMNS: Final = 500
STORED_MOST: Final = 1_000_000  # things with larger numbers are made while it is measured, and lie elsewhere
ELSEWHERE_DEGREES: Final = 5.0
MINUTES = (60, 10)  # two kinds of sensors: one value an hour, one value in ten minutes
DAYS: Final = 365
SENSORS_ASKED: Final = 20  # of each kind; the floor holds the values of these
PATCHED: Final = "capacity"  # no query asks for it


def id_of(number: int) -> str:
    """The id of a thing."""
    return f"urn:ngsi-ld:{TYPE}:{number:07d}"


def sensor_id(minutes: int, number: int) -> str:
    """The id of a sensor that has a value every so many minutes."""
    return f"urn:ngsi-ld:{SENSOR_TYPE}:{minutes:02d}:{number:05d}"


def place_of(number: int) -> tuple[float, float]:
    """Longitude and latitude of a thing: its cell of a grid, row by row."""
    row, column = divmod(number % STORED_MOST, COLUMNS)
    east = ELSEWHERE_DEGREES if number >= STORED_MOST else 0.0
    return round(LONGITUDE + east + column * 0.001, 6), round(LATITUDE + row * 0.001, 6)


def temperature(value: float) -> dict[str, Any]:
    """An observed value."""
    return {"type": "Property", "value": value, "unitCode": "CEL", "observedAt": "2026-04-01T09:30:00Z"}


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
        "temperature": temperature(number % 400 / 10),
        "capacity": {"type": "Property", "value": number % 97},
        "district": {"type": "Relationship", "object": f"urn:ngsi-ld:District:{number % 21:02d}"},
        **sixth,
    }


def body(number: int, *, placed: bool = True) -> bytes:
    """The thing as the body of a create."""
    return orjson.dumps(entity(number, placed=placed))


def sensor(minutes: int, number: int) -> dict[str, Any]:
    """A sensor with its first value."""
    return {
        "id": sensor_id(minutes, number),
        "type": SENSOR_TYPE,
        "name": {"type": "Property", "value": f"温度計 第{number}号"},
        "temperature": temperature(20.5),
    }


def past_from(now: datetime) -> datetime:
    """When the year of the sensors' values begins: it ends with the month before this one."""
    return datetime(now.year, now.month, 1, tzinfo=UTC) - timedelta(days=DAYS)


def sensors_for(instances: int, minutes: int) -> int:
    """How many sensors of a kind have half of so many values together, in a year."""
    return max(1, round(instances / len(MINUTES) / (DAYS * 24 * 60 / minutes)))
