"""What have the demo's people measured? Two weeks of synthetic vital signs, made once; nothing here is anybody's."""

import math
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from kairo.context.gate import DataClass, Scope
from kairo.context.graph import Graph
from kairo.platform.clock import TOKYO, iso

DAYS = 14
HOURS = (7, 12, 20)  # of the day in Tokyo at which they measure
_PERSONAL = frozenset({DataClass.PERSONAL})
_PREFIX = "urn:ngsi-ld:VitalSigns:"


def id_of(person: str) -> str:
    """The id of a person's vital signs; `person` is their URI."""
    return f"{_PREFIX}{person.rpartition(':')[2]}"


def measured(person: str, now: datetime) -> list[dict[str, Any]]:
    """What a synthetic person has measured until `now`, oldest first; the same for the same person and day."""
    first = now.astimezone(TOKYO).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS)
    chance = random.Random(f"{person} {first.date()}")
    rest, pressure = chance.uniform(64, 76), chance.uniform(122, 138)
    moments = [first + timedelta(days=day, hours=hour) for day in range(DAYS + 1) for hour in HOURS]
    return [_entity(person, moment, rest, pressure, chance) for moment in moments if moment <= now]


def _entity(person: str, moment: datetime, rest: float, pressure: float, chance: random.Random) -> dict[str, Any]:
    wave = math.sin(moment.timetuple().tm_yday / 3)
    values = {
        "heartRate": (round(rest + 4 * wave + chance.gauss(0, 3)), "BPM"),
        "systolicBloodPressure": (round(pressure + 6 * wave + chance.gauss(0, 5)), "HN"),
        "diastolicBloodPressure": (round(pressure * 0.6 + 3 * wave + chance.gauss(0, 4)), "HN"),
        "stepCount": (max(0, round(moment.hour * 160 + chance.gauss(0, 400))), ""),
    }
    return {
        "id": id_of(person),
        "type": "VitalSigns",
        "person": {"type": "Relationship", "object": person},
        "synthetic": {"type": "Property", "value": True},
        **{
            name: {"type": "Property", "value": value, **({"unitCode": unit} if unit else {}), "observedAt": iso(moment)}
            for name, (value, unit) in values.items()
        },
    }


async def load_demo(graph: Graph, tenant: str, persons: Sequence[str], now: datetime) -> int:
    """Gives each of the demo's persons their measurements where they have none yet; how many persons that were."""
    scope = Scope(tenant, "system:demo", "demonstration", read_classes=_PERSONAL, write_classes=_PERSONAL)
    known = await graph.get_many(scope, [id_of(person) for person in persons])
    fresh = [person for person in persons if id_of(person) not in known]
    for person in fresh:
        for entity in measured(person, now):
            (written,) = await graph.upsert(scope, [entity])
            if written.error is not None:
                raise written.error
    return len(fresh)
