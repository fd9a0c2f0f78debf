"""Do filled things answer as those that the API made? One question of each kind about one of each; what differs ends the run."""

import urllib.request
from typing import TYPE_CHECKING, Any

import orjson

from bench import entities
from bench.filling import BY_API
from bench.load import API

if TYPE_CHECKING:
    from bench.sides import Side, Sides

_SYSTEM = {"instanceId", "createdAt", "modifiedAt"}


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


def _get(side: "Side", target: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{side.port}{API}/{target}", timeout=30) as answer:
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
