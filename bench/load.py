"""What is asked of a server? The requests of each kind, as raw bytes, one after the other without end."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

import orjson

from bench import entities

Requests = Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the generators need to know: where to, as whom, how many things are stored, from which number to make new ones."""

    host: str
    token: str
    stored: int
    first: int
    seed: int

    def get(self, target: str) -> bytes:
        """A GET request."""
        return f"GET {target} HTTP/1.1\r\nHost: {self.host}\r\nAccept: application/json\r\n\r\n".encode()

    def post(self, target: str, body: bytes) -> bytes:
        """A POST request by the administrator."""
        head = f"POST {target} HTTP/1.1\r\nHost: {self.host}\r\nAuthorization: Bearer {self.token}\r\n"
        return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def retrieve(asked: Asked) -> Requests:
    """GET /entities/{id} of things at random."""
    chance = random.Random(asked.seed)
    while True:
        yield asked.get(f"/ngsi-ld/v1/entities/{entities.id_of(chance.randrange(asked.stored))}")


def create(asked: Asked) -> Requests:
    """POST /entities of new things of six attributes."""
    yield from _creates(asked, placed=False)


def create_placed(asked: Asked) -> Requests:
    """The same with a place among the six attributes."""
    yield from _creates(asked, placed=True)


def _creates(asked: Asked, *, placed: bool) -> Requests:
    number = asked.first
    while True:
        yield asked.post("/ngsi-ld/v1/entities", entities.body(number, placed=placed))
        number += 1


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
        yield asked.post("/ngsi-ld/v1/entityOperations/upsert", body)
        number += size


def list_20(asked: Asked) -> Requests:
    """Pages of 20 by type and q, beginning after things at random."""
    chance = random.Random(asked.seed)
    q = quote('status=="open";temperature>20')
    while True:
        after = quote(entities.id_of(chance.randrange(asked.stored * 9 // 10)))
        yield asked.get(f"/ngsi-ld/v1/entities?type={entities.TYPE}&q={q}&limit=20&after={after}")


def near_20(asked: Asked) -> Requests:
    """At most 20 things within 500 m of a point at random."""
    chance = random.Random(asked.seed)
    while True:
        longitude, latitude = entities.place_of(chance.randrange(asked.stored))
        geometry = f"georel=near%3BmaxDistance==500&geometry=Point&coordinates=%5B{longitude},{latitude}%5D"
        yield asked.get(f"/ngsi-ld/v1/entities?type={entities.TYPE}&{geometry}&limit=20")


KINDS: dict[str, Callable[[Asked], Requests]] = {
    made.__name__: made for made in (retrieve, create, create_placed, upsert_20, upsert_1000, list_20, near_20)
}
