"""Do filled things answer as those that the API made? One question of each kind about one of each; what differs ends the run."""

import asyncio
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import orjson

from bench import entities, residents
from bench.database import connected
from bench.entities import TENANT
from bench.filling import BY_API
from bench.kairo_side import DECLARED
from bench.load import API
from kairo.context.granting import subject_rows

if TYPE_CHECKING:
    from bench.sides import Side, Sides

_SYSTEM = {"instanceId", "createdAt", "modifiedAt"}
_SUBJECTS = (
    "SELECT entity, attribute, subject, role FROM entity_subject WHERE tenant = $1 ORDER BY entity, attribute, subject, role"
)
_GRANTS = """
SELECT DISTINCT g.purpose, g.area, g.relation, g.types, g.attributes, g.basis, g.since, g.until,
    c.purpose AS said, c.operation, c.attributes AS named, c.principal = g.subject AS is_own, g.subject LIKE $2 AS is_resident
FROM access_grant g LEFT JOIN change c ON c.tenant = g.tenant AND c.entity = g.id WHERE g.tenant = $1
"""
_NUMBERS = """
SELECT count(*), count(DISTINCT g.subject), count(*) FILTER (WHERE g.principal = $2), count(*) FILTER (WHERE g.principal = $3)
FROM access_grant g WHERE g.tenant = $1
"""


def check(sides: "Sides") -> None:
    """Raises RuntimeError where an answer differs. Kairo's side is served."""
    side = sides.kairo
    shapes: dict[str, set[Any]] = {}
    for number in (BY_API - 1, sides.stored - 1):  # the last one by the API, the last one filled in
        id, (longitude, latitude) = entities.id_of(number), entities.place_of(number)
        near = f"type={entities.TYPE}&georel=near%3BmaxDistance==1&geometry=Point&coordinates=%5B{longitude},{latitude}%5D"
        answers = {
            "entity": _get(side, f"entities/{id}?options=sysAttrs"),
            "list": _one(_get(side, f"entities?{near}&options=sysAttrs")),
            "past": _get(side, f"temporal/entities/{id}?options=sysAttrs"),
        }
        for kind, answer in answers.items():
            if _plain(answer) != entities.entity(number):
                raise RuntimeError(f"{kind} of thing {number} is not what was stored: {answer}")
            shapes.setdefault(kind, set()).add(_shape(answer))
    id = entities.sensor_id(entities.MINUTES[0], 0)
    values = _get(side, f"temporal/entities/{id}?attrs=temperature&lastN=2&timerel=before&timeAt=2100-01-01T00:00:00Z")
    if sides.sizes.instances:
        shapes["values"] = {_shape(value) for value in values["temperature"]}
    for kind, found in shapes.items():
        if len(found) != 1:
            raise RuntimeError(f"{kind}: what was filled in looks unlike what the API made: {found}")
    asyncio.run(_check_rows(sides.kairo.postgres.url, sides.sizes.residents))
    _check_residents(sides)


async def _check_rows(url: str, number: int) -> None:
    """Whom residents are about is as the committer writes it; all grants are like that which the broker gave."""
    async with connected(url) as connection:
        found = [dict(row) for row in await connection.fetch(_SUBJECTS, TENANT)]
        kinds = await connection.fetch(_GRANTS, TENANT, residents.resident_id(0)[:-6] + "%")
        numbers = tuple(await connection.fetchrow(_NUMBERS, TENANT, residents.TO_MANY, residents.TO_FEW))
    docs = map(residents.resident, range(number))
    expected = [row for doc in docs for row in subject_rows(doc["id"], None, doc, DECLARED)[1:]]
    if found != expected:
        raise RuntimeError(f"{len(found)} rows say whom residents are about, not {len(expected)}, or others: {found[:2]}")
    if len(kinds) != 1 or numbers != (number * residents.GRANTS_EACH, number, number, residents.FEW):
        raise RuntimeError(f"these are not the grants of {number} residents: {numbers}, {kinds}")


def _check_residents(sides: "Sides") -> None:
    """Those see what was granted to whom something was, and nobody else sees anything."""
    side, number = sides.kairo, sides.sizes.residents
    for one in (0, number - 1):  # made by the API, filled in
        target = f"entities/{residents.resident_id(one)}"
        if _get(side, target, sides.many) != residents.shown(one):
            raise RuntimeError(f"resident {one} is not what was granted: {_get(side, target, sides.many)}")
        if _is_found(side, target):
            raise RuntimeError(f"resident {one} is shown to anybody")
    few = _get(side, f"entities?type={residents.RESIDENT_TYPE}&limit=100", sides.few)
    if few != list(map(residents.shown, residents.few(number))):
        raise RuntimeError(f"the application with few grants sees others than those who granted something: {few}")


def _is_found(side: "Side", target: str) -> bool:
    try:
        _get(side, target)
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return False
        raise
    return True


def _get(side: "Side", target: str, token: str = "") -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    asked = urllib.request.Request(f"http://127.0.0.1:{side.port}{API}/{target}", headers=headers)
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return orjson.loads(answer.read())


def _one(found: list[Any]) -> Any:
    if len(found) != 1:
        raise RuntimeError(f"one thing stands there, not {len(found)}")
    return found[0]


def _plain(answer: Any) -> Any:
    """Without what the system adds; the only instance of an attribute for all of them."""
    if isinstance(answer, list) and len(answer) == 1:
        return _plain(answer[0])
    if isinstance(answer, dict):
        plain = {name: _plain(value) for name, value in answer.items() if name not in _SYSTEM}
        return {**plain, "coordinates": tuple(answer["coordinates"])} if "coordinates" in answer else plain
    return answer


def _shape(answer: Any) -> Any:
    """The names of all members, and which kinds of values they have."""
    if isinstance(answer, dict):
        return tuple((name, _shape(value)) for name, value in sorted(answer.items()))
    if isinstance(answer, list):
        return tuple(_shape(value) for value in answer)
    return type(answer).__name__
