"""Who subscribes? By what the last part of the receiver's address says: all of them to every change, each to its own, or only one."""

from urllib.parse import urlsplit

import orjson

from bench import entities


def body(receiver: str, number: int) -> bytes:
    """The subscription of this number.

    `/all/…`: every one watches the attribute of every thing. `/own/N`: each watches it of one of the first N things. `/one/…`: the
    first watches it of all things, the others another type, another attribute or a thing that does not change.
    """
    kind, things = urlsplit(receiver).path.strip("/").split("/")
    watched: dict[str, str] = {"type": entities.TYPE}
    attribute = entities.PATCHED
    if kind == "own":
        watched["id"] = entities.id_of(number % int(things))
    elif kind == "one" and number:
        if number % 3 == 0:
            watched["type"] = f"BenchElse{number % 100}"
        elif number % 3 == 1:
            attribute = "status"
        else:
            watched["id"] = entities.id_of(entities.STORED_MOST + number)
    return orjson.dumps(
        {
            "type": "Subscription",
            "entities": [watched],
            "watchedAttributes": [attribute],
            "notification": {"attributes": [entities.PATCHED], "endpoint": {"uri": receiver}},
        }
    )
