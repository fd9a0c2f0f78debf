"""What is asked of a server? The requests of each kind, as raw bytes, one after the other without end."""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

import orjson

from bench import entities, residents, subscribers

Requests = Iterator[bytes]
API = "/ngsi-ld/v1"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the generators need to know: where to, as whom (tokens of the administrator, of the application that was granted
    something of many residents and of that with few), which things are stored (`low` to `stored`), from which number to make new
    ones, how many values sensors have together and since when, how many residents there are."""

    host: str
    token: str
    stored: int
    first: int
    seed: int
    low: int = 0
    instances: int = 0
    past: str = ""
    receiver: str = ""
    many: str = ""
    few: str = ""
    residents: int = 0

    def get(self, target: str, token: str = "") -> bytes:
        """A GET request, without a token of nobody in particular."""
        who = f"Authorization: Bearer {token}\r\n" if token else ""
        return f"GET {target} HTTP/1.1\r\nHost: {self.host}\r\n{who}Accept: application/json\r\n\r\n".encode()

    def send(self, method: str, target: str, body: bytes) -> bytes:
        """A request by the administrator that brings a body."""
        head = f"{method} {API}{target} HTTP/1.1\r\nHost: {self.host}\r\nAuthorization: Bearer {self.token}\r\n"
        return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def retrieve(asked: Asked) -> Requests:
    """GET /entities/{id} of things at random."""
    chance = random.Random(asked.seed)
    while True:
        yield asked.get(f"{API}/entities/{entities.id_of(chance.randrange(asked.low, asked.stored))}")


def create(asked: Asked) -> Requests:
    """POST /entities of new things of six attributes."""
    yield from _creates(asked, placed=False)


def create_placed(asked: Asked) -> Requests:
    """The same with a place among the six attributes."""
    yield from _creates(asked, placed=True)


def _creates(asked: Asked, *, placed: bool) -> Requests:
    number = asked.first
    while True:
        yield asked.send("POST", "/entities", entities.body(number, placed=placed))
        number += 1


def patch(asked: Asked) -> Requests:
    """PATCH of one attribute of things at random. Its value is the moment of asking: always another one, and it tells a receiver
    how long a notification took."""
    chance = random.Random(asked.seed)
    while True:
        number = chance.randrange(asked.low, asked.stored)
        body = orjson.dumps({"type": "Property", "value": time.time()})
        yield asked.send("PATCH", f"/entities/{entities.id_of(number)}/attrs/{entities.PATCHED}", body)


def upsert_20(asked: Asked) -> Requests:
    """Batches of 20 new things."""
    yield from _upserts(asked, 20)


def upsert_1000(asked: Asked) -> Requests:
    """Batches of 1,000 new things."""
    yield from _upserts(asked, 1000)


def _upserts(asked: Asked, size: int) -> Requests:
    number = asked.first
    while True:
        body = orjson.dumps([entities.entity(one) for one in range(number, number + size)])
        yield asked.send("POST", "/entityOperations/upsert", body)
        number += size


def upsert_others(asked: Asked) -> Requests:
    """The first resident and all sensors, a batch of at most 1,000 each."""
    sensors = [
        entities.sensor(minutes, number)
        for minutes in entities.MINUTES
        for number in range(entities.sensors_for(asked.instances, minutes))
    ]
    made = [residents.resident(0), *sensors]
    for start in range(0, len(made), 1000):
        yield asked.send("POST", "/entityOperations/upsert", orjson.dumps(made[start : start + 1000]))


def list_type_20(asked: Asked) -> Requests:
    """Pages of 20 by type, beginning after things at random."""
    yield from _lists(asked, "")


def list_20(asked: Asked) -> Requests:
    """Pages of 20 by type and q, beginning after things at random."""
    yield from _lists(asked, "&q=" + quote('status=="open";temperature>20'))


def list_open(asked: Asked) -> Requests:
    """The pages of `list_type_20`, by an application: it is asked whether something was granted to it."""
    yield from _lists(asked, "", asked.many)


def _lists(asked: Asked, q: str, token: str = "") -> Requests:
    chance = random.Random(asked.seed)
    while True:
        after = quote(entities.id_of(chance.randrange(asked.low, asked.low + (asked.stored - asked.low) * 9 // 10)))
        yield asked.get(f"{API}/entities?type={entities.TYPE}{q}&limit=20&after={after}", token)


def retrieve_granted(asked: Asked) -> Requests:
    """GET /entities/{id} of residents at random, by the application with many grants."""
    chance = random.Random(asked.seed)
    while True:
        id = residents.resident_id(chance.randrange(asked.residents))
        yield asked.get(f"{API}/entities/{id}", asked.many)


def list_granted(asked: Asked) -> Requests:
    """Pages of 20 residents, beginning after residents at random, by the application with many grants."""
    chance = random.Random(asked.seed)
    while True:
        after = quote(residents.resident_id(chance.randrange(asked.residents - 20)))
        yield asked.get(f"{API}/entities?type={residents.RESIDENT_TYPE}&limit=20&after={after}", asked.many)


def list_few(asked: Asked) -> Requests:
    """The page of 20 residents that the application with few grants sees of all."""
    while True:
        yield asked.get(f"{API}/entities?type={residents.RESIDENT_TYPE}&limit=20", asked.few)


def near_20(asked: Asked) -> Requests:
    """At most 20 things within 500 m of a point at random."""
    chance = random.Random(asked.seed)
    while True:
        longitude, latitude = entities.place_of(chance.randrange(asked.low, asked.stored))
        geometry = f"georel=near%3BmaxDistance==500&geometry=Point&coordinates=%5B{longitude},{latitude}%5D"
        yield asked.get(f"{API}/entities?type={entities.TYPE}&{geometry}&limit=20")


def history_week(asked: Asked) -> Requests:
    """The values of one attribute of a sensor over a week at random: 1,008."""
    for chance, sensor in _sensors(asked, 10):
        start = datetime.fromisoformat(asked.past) + timedelta(days=chance.randrange(entities.DAYS - 7))
        yield asked.get(f"{sensor}&options=temporalValues&{_between(start, timedelta(days=7))}")


def aggregate_8760(asked: Asked) -> Requests:
    """The mean of each hour of a year, of a sensor with a value an hour."""
    yield from _aggregates(asked, 60)


def aggregate_52560(asked: Asked) -> Requests:
    """The mean of each hour of a year, of a sensor with a value every ten minutes."""
    yield from _aggregates(asked, 10)


def _aggregates(asked: Asked, minutes: int) -> Requests:
    year = _between(datetime.fromisoformat(asked.past), timedelta(days=entities.DAYS))
    for _, sensor in _sensors(asked, minutes):
        yield asked.get(f"{sensor}&options=aggregatedValues&aggrMethods=avg&aggrPeriodDuration=PT1H&{year}")


def _sensors(asked: Asked, minutes: int) -> Iterator[tuple[random.Random, str]]:
    chance = random.Random(asked.seed)
    number = min(entities.SENSORS_ASKED, entities.sensors_for(asked.instances, minutes))
    while True:
        id = entities.sensor_id(minutes, chance.randrange(number))
        yield chance, f"{API}/temporal/entities/{id}?attrs=temperature"


def _between(start: datetime, length: timedelta) -> str:
    moments = [f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (start, start + length)]
    return f"timerel=between&timeAt={moments[0]}&endTimeAt={moments[1]}"


def observe(asked: Asked) -> Requests:
    """Further values of the first sensor."""
    while True:
        body = orjson.dumps(entities.temperature(time.time()))
        yield asked.send("PATCH", f"/entities/{entities.sensor_id(entities.MINUTES[0], 0)}/attrs/temperature", body)


def subscribe(asked: Asked) -> Requests:
    """The subscriptions of a measurement, from number `first` on; the receiver's address says which."""
    number = asked.first
    while True:
        yield asked.send("POST", "/subscriptions", subscribers.body(asked.receiver, number))
        number += 1


KINDS: dict[str, Callable[[Asked], Requests]] = {
    made.__name__: made
    for made in (
        *(
            retrieve,
            list_type_20,
            list_20,
            near_20,
            retrieve_granted,
            list_open,
            list_granted,
            list_few,
            history_week,
            aggregate_8760,
            aggregate_52560,
        ),
        *(create, create_placed, patch, upsert_20, upsert_1000, upsert_others, observe, subscribe),
    )
}
