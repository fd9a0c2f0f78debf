"""How much does a request bring? Its attribute instances are counted before any of them is read."""

from collections.abc import Iterable
from typing import Any

from kairo.context.model.names import RESERVED
from kairo.errors import BadRequestData

_LEAST_BYTES = 3  # of an attribute instance in a body: "{}," in an array of them


def may_be_many(body: bytes, most: int) -> bool:
    """Whether a body is long enough to bring more than `most` attribute instances."""
    return len(body) > _LEAST_BYTES * most


def require_few_attributes(entities: Iterable[Any], most: int) -> None:
    """Raises BadRequestData where these entities, fragments or attributes, as they were sent, have more than `most` attribute
    instances together. Attributes of attributes count too; objects inside of values do not."""
    number, objects = 0, list(entities)
    while objects:
        item = objects.pop()
        if type(item) is not dict:
            continue
        for name, raw in item.items():
            if name in RESERVED or name[:1] == "@":
                continue
            if type(raw) is list:
                inner = [one for one in raw if type(one) is dict]
                number += max(1, len(inner))
                objects.extend(inner)
            else:
                number += 1
                objects.append(raw)
        if number > most:
            raise BadRequestData(
                f"the request has more than {most} attributes (instances, and attributes of attributes, included)",
                detail_ja=f"属性は一度に{most}個までです（インスタンスと、属性の属性を含みます）。",
                mend="Send it in smaller parts; nothing was changed.",
                mend_ja="分けて送ってください。何も変更されていません。",
            )
