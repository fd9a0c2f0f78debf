"""Is the synthetic world plausible, labelled and repeatable?"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kairo.capabilities.sensing.live import HINT_BYTES, payloads, updates_of
from kairo.capabilities.sensing.world import KINDS, Spot, World, distance_metres
from kairo.context.contexts import CORE
from kairo.context.model.parse import parse_entity

NOON = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
SPOTS = [
    Spot(f"urn:ngsi-ld:District:352039:d{n}", f"地域{n}", f"District {n}", (131.4 + n / 50, 34.1 + n / 90)) for n in range(6)
]


def world(seed: int = 1) -> World:
    return World(SPOTS, tenant="352039", seed=seed)


def test_there_are_forty_sensors_and_ten_buses() -> None:
    made = world()
    assert len(made.sensors) == 40
    assert len(made.buses) == 10


def test_every_entity_is_valid_and_says_that_it_is_synthetic() -> None:
    for entity in world().entities(NOON):
        parsed = parse_entity(entity, CORE)
        assert parsed.attributes["synthetic"] == {"type": "Property", "value": True}


def test_the_same_seed_gives_the_same_world() -> None:
    def run(seed: int) -> list[Any]:
        made = world(seed)
        return [made.step(NOON + timedelta(seconds=n), 1.0) for n in range(5)]

    assert run(7) == run(7)
    assert run(7) != run(8)


def test_a_city_without_places_is_refused() -> None:
    with pytest.raises(ValueError, match="four districts"):
        World(SPOTS[:3], tenant="352039")


@given(seconds=st.lists(st.floats(0.5, 3), min_size=1, max_size=60), seed=st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_buses_stay_on_their_line_and_below_the_speed_limit(seconds: list[float], seed: int) -> None:
    made = world(seed)
    now = NOON
    before = {bus.id: bus.where()[0] for bus in made.buses}
    for step in seconds:
        now += timedelta(seconds=step)
        made.step(now, step)
        for bus in made.buses:
            here, heading = bus.where()
            assert 0 <= bus.way <= bus.length
            assert 0 <= heading < 360
            assert distance_metres(before[bus.id], here) <= 60 / 3.6 * step + 1
            before[bus.id] = here


@given(hours=st.integers(0, 24 * 30))
@settings(max_examples=60, deadline=None)
def test_values_stay_plausible(hours: int) -> None:
    made = world()
    now = NOON + timedelta(hours=hours)
    limits = {
        "river-level": (0, 4),
        "rain": (0, 50),
        "park-visitors": (0, 100),
        "rooftop-solar": (0, 11),
        "soil-moisture": (0, 100),
    }
    for sensor, change in zip(made.sensors, made.step(now, 1.0), strict=False):
        low, high = limits[sensor.kind.key]
        assert low <= change[sensor.kind.attribute]["value"] <= high


def test_the_sun_does_not_shine_at_night() -> None:
    midnight = datetime(2026, 6, 1, 15, 0, tzinfo=UTC)
    solar = next(kind for kind in KINDS if kind.key == "rooftop-solar")
    values = [change[solar.attribute]["value"] for change in world().step(midnight, 1.0) if solar.attribute in change]
    assert values == [0.0] * solar.count


@given(ids=st.lists(st.integers(1, 10**9).map(lambda n: f"urn:ngsi-ld:Sensor:{n}"), unique=True, max_size=600))
@settings(max_examples=30, deadline=None)
def test_hints_are_short_and_lose_no_id(ids: list[str]) -> None:
    found = payloads("352039", ids)
    assert all(len(payload.encode()) <= HINT_BYTES for payload in found)
    assert [id for payload in found for id in payload.split(" ")[1:]] == ids


def test_updates_carry_values_and_places() -> None:
    doc = parse_entity(world().entities(NOON)[-1], CORE).document()
    attributes = {update["attribute"] for update in updates_of(doc)}
    assert attributes == {"location", "speed", "heading"}
    assert next(update for update in updates_of(doc) if update["attribute"] == "location")["coordinates"]
