"""What would the sensors and buses of a city show? A seeded generator of plausible values, one step a second.

Nothing here is measured: every entity says `synthetic`. The same seed gives the same world; time is passed in.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kairo.platform.clock import TOKYO, iso

Point = tuple[float, float]  # longitude, latitude
EARTH_METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True)
class Spot:
    """A place to put sensors at: a district's id, its names, its point."""

    id: str
    name_ja: str
    name_en: str
    point: Point


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of sensor: its attribute, unit (UN/CEFACT common code), names, and how many the world has."""

    key: str
    attribute: str
    unit: str
    name_ja: str
    name_en: str
    count: int
    digits: int


KINDS = (
    Kind("river-level", "waterLevel", "MTR", "河川水位", "River level", 10, 2),
    Kind("rain", "rainfall", "H67", "時間雨量", "Rainfall per hour", 8, 1),
    Kind("park-visitors", "peopleCount", "C62", "公園の人数", "People in the park", 8, 0),
    Kind("rooftop-solar", "generatedPower", "KWT", "屋上太陽光の発電", "Rooftop solar power", 8, 2),
    Kind("soil-moisture", "soilMoisture", "P1", "農地の土壌水分", "Soil moisture of a field", 6, 1),
)
BUSES = 10


@dataclass(slots=True)
class Sensor:
    """One sensor. `level` is the state of its slow random walk between 0 and 1."""

    id: str
    kind: Kind
    spot: Spot
    point: Point
    level: float
    phase: float

    def value(self, now: datetime, weather: float, dice: random.Random) -> float:
        """The value at this moment. `weather` is 0 (clear) to 1 (downpour) for the whole city."""
        hour = _hour(now)
        self.level = min(1.0, max(0.0, self.level + dice.gauss(0, 0.01) + 0.002 * (0.4 + 0.4 * weather - self.level)))
        match self.kind.key:
            case "river-level":
                shown = 0.6 + 1.8 * weather * (0.6 + 0.4 * self.level) + 0.3 * self.level
            case "rain":
                shown = max(0.0, 28 * (weather - 0.45) * (0.5 + self.level)) if weather > 0.45 else 0.0
            case "park-visitors":
                busy = max(0.0, math.sin((hour - 7) / 13 * math.pi)) if 7 <= hour <= 20 else 0.0
                shown = float(round(60 * busy * (1 - 0.7 * weather) * (0.4 + self.level)))
            case "rooftop-solar":
                sun = max(0.0, math.sin((hour - 6) / 12 * math.pi)) if 6 <= hour <= 18 else 0.0
                shown = 10 * sun * (1 - 0.8 * weather) * (0.7 + 0.3 * self.level)
            case _:
                shown = 18 + 22 * self.level + 12 * weather
        return round(shown, self.kind.digits)


@dataclass(slots=True)
class Bus:
    """One bus that goes to and fro on a line of stops. `way` is metres from the first stop; it rests at both ends."""

    id: str
    name_ja: str
    name_en: str
    stops: Sequence[Point]
    way: float
    direction: int = 1
    speed: float = 0.0
    rest_seconds: float = 0.0
    lengths: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        pairs = zip(self.stops, self.stops[1:], strict=False)
        self.lengths = [distance_metres(start, end) for start, end in pairs]
        self.way %= max(self.length, 1.0)

    @property
    def length(self) -> float:
        """Metres from the first to the last stop."""
        return sum(self.lengths)

    def move(self, seconds: float, dice: random.Random) -> None:
        """Drives on: 20 to 45 km/h, 20 seconds of rest at the ends of the line."""
        if self.rest_seconds > 0:
            self.rest_seconds = max(0.0, self.rest_seconds - seconds)
            self.speed = 0.0
            return
        wanted = dice.uniform(20, 45) / 3.6
        self.speed += max(-2.0, min(1.2, wanted - self.speed)) * min(seconds, 1.0)
        self.way += self.direction * self.speed * seconds
        if self.way <= 0 or self.way >= self.length:
            self.way = min(max(self.way, 0.0), self.length)
            self.direction = -self.direction
            self.rest_seconds = 20.0

    def where(self) -> tuple[Point, float]:
        """The position and the heading in degrees from north."""
        rest = self.way
        for start, end, length in zip(self.stops, self.stops[1:], self.lengths, strict=False):
            if rest <= length or (start, end) == (self.stops[-2], self.stops[-1]):
                share = min(1.0, rest / length) if length else 0.0
                lon = start[0] + (end[0] - start[0]) * share
                lat = start[1] + (end[1] - start[1]) * share
                bearing = heading_degrees(start, end)
                return (round(lon, 6), round(lat, 6)), bearing if self.direction > 0 else (bearing + 180) % 360
            rest -= length
        return self.stops[-1], 0.0


class World:
    """Sensors and buses over the districts of a city. Raises ValueError with fewer than four spots."""

    def __init__(self, spots: Sequence[Spot], *, tenant: str, seed: int = 352039) -> None:
        if len(spots) < 4:
            raise ValueError("the synthetic world needs at least four districts with a location")
        self._dice = random.Random(seed)
        self._tenant = tenant
        self.sensors = [sensor for kind in KINDS for sensor in self._sensors(kind, spots)]
        self.buses = [self._bus(number, spots) for number in range(BUSES)]

    def _sensors(self, kind: Kind, spots: Sequence[Spot]) -> list[Sensor]:
        chosen = [spots[(number * 2 + len(kind.key)) % len(spots)] for number in range(kind.count)]
        made = []
        for number, spot in enumerate(chosen, start=1):
            lon, lat = (value + self._dice.uniform(-0.006, 0.006) for value in spot.point)
            made.append(
                Sensor(
                    f"urn:ngsi-ld:Sensor:{self._tenant}:synthetic-{kind.key}-{number:02}",
                    kind,
                    spot,
                    (round(lon, 6), round(lat, 6)),
                    self._dice.uniform(0.2, 0.7),
                    self._dice.uniform(0, math.tau),
                )
            )
        return made

    def _bus(self, number: int, spots: Sequence[Spot]) -> Bus:
        first = spots[number * 2 % len(spots)]
        others = sorted(
            (spot for spot in spots if spot is not first), key=lambda spot: distance_metres(first.point, spot.point)
        )
        line = [first, *others[:3]]
        name = f"{line[0].name_ja}～{line[-1].name_ja}"
        return Bus(
            f"urn:ngsi-ld:Vehicle:{self._tenant}:synthetic-bus-{number + 1:02}",
            f"{name} {number + 1}号車",
            f"Bus {number + 1}, {line[0].name_en} to {line[-1].name_en}",
            [spot.point for spot in line],
            self._dice.uniform(0, 5000),
        )

    def weather(self, now: datetime) -> float:
        """0 (clear) to 1 (downpour): showers that come and go within hours."""
        hours = now.timestamp() / 3600
        wave = 0.5 * math.sin(hours / 2.9 * math.tau) + 0.35 * math.sin(hours / 0.7 * math.tau + 1) + 0.15 * math.sin(hours * 9)
        return min(1.0, max(0.0, 0.42 + 0.5 * wave))

    def entities(self, now: datetime) -> list[dict[str, Any]]:
        """All entities whole, as they are created."""
        changing = {entity["id"]: entity for entity in self.step(now, 0.0)}
        return [self._whole_sensor(sensor) | changing[sensor.id] for sensor in self.sensors] + [
            self._whole_bus(bus) | changing[bus.id] for bus in self.buses
        ]

    def step(self, now: datetime, seconds: float) -> list[dict[str, Any]]:
        """What changes in one step: each sensor's value, each bus's place, speed and heading."""
        weather, observed = self.weather(now), iso(now.replace(microsecond=0))
        changes: list[dict[str, Any]] = []
        for sensor in self.sensors:
            value = {"value": sensor.value(now, weather, self._dice), "unitCode": sensor.kind.unit, "observedAt": observed}
            changes.append({"id": sensor.id, "type": "Sensor", sensor.kind.attribute: value})
        for bus in self.buses:
            bus.move(seconds, self._dice)
            point, heading = bus.where()
            changes.append(
                {
                    "id": bus.id,
                    "type": "Vehicle",
                    "location": {"value": {"type": "Point", "coordinates": list(point)}, "observedAt": observed},
                    "speed": {"value": round(bus.speed * 3.6, 1), "unitCode": "KMH", "observedAt": observed},
                    "heading": {"value": round(heading), "unitCode": "DD", "observedAt": observed},
                }
            )
        return changes

    def _whole_sensor(self, sensor: Sensor) -> dict[str, Any]:
        kind, spot = sensor.kind, sensor.spot
        names = {"ja": f"{spot.name_ja} {kind.name_ja}", "en": f"{kind.name_en}, {spot.name_en}"}
        return {
            "id": sensor.id,
            "type": "Sensor",
            "name": {"languageMap": names},
            "sensorKind": {"value": kind.key},
            "measures": {"value": kind.attribute},
            "district": {"object": spot.id},
            "location": {"type": "Point", "coordinates": list(sensor.point)},
            "synthetic": {"value": True},
        }

    def _whole_bus(self, bus: Bus) -> dict[str, Any]:
        return {
            "id": bus.id,
            "type": "Vehicle",
            "name": {"languageMap": {"ja": bus.name_ja, "en": bus.name_en}},
            "vehicleKind": {"value": "bus"},
            "synthetic": {"value": True},
        }


def _hour(now: datetime) -> float:
    local = now.astimezone(TOKYO)
    return local.hour + local.minute / 60 + local.second / 3600


def distance_metres(start: Point, end: Point) -> float:
    """Metres between two near points (flat earth: exact enough within a city)."""
    east = (end[0] - start[0]) * math.cos(math.radians((start[1] + end[1]) / 2))
    return math.hypot(east, end[1] - start[1]) * EARTH_METRES_PER_DEGREE


def heading_degrees(start: Point, end: Point) -> float:
    """Degrees clockwise from north."""
    east = (end[0] - start[0]) * math.cos(math.radians((start[1] + end[1]) / 2))
    return math.degrees(math.atan2(east, end[1] - start[1])) % 360
