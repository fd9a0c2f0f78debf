"""Where does the next page of an ordered query begin? The parameter `after` as text: the order's values of the last entity, its id.

It holds nothing that its reader was not shown or could not ask for, so it needs no seal: whoever changes it begins elsewhere.
"""

import base64
import binascii
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from kairo.context.query.order import Order
from kairo.errors import BadRequestData

Position = tuple[object, ...]
_MAX_FIGURE = 400  # characters of a number: the largest double has 309 digits


def write_position(order: Order, position: Position) -> str:
    """The position as it stands in an address."""
    values = [str(value) if isinstance(value, Decimal) else value for value in position]
    return base64.urlsafe_b64encode(orjson.dumps([order.digest, *values])).rstrip(b"=").decode()


def read_position(order: Order, text: str) -> Position:
    """The position that `write_position` gave for the same order. Raises BadRequestData for anything else."""
    try:
        digest, *values = orjson.loads(base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4)))
        if digest == order.digest and len(values) == 3 * len(order.terms) + 1:
            return (*(_read(index % 3, value) for index, value in enumerate(values[:-1])), _text(values[-1]))
    except (ValueError, TypeError, binascii.Error, InvalidOperation):
        pass
    raise BadRequestData(
        "after is not from a page in this order",
        detail_ja="after がこの並び順のページのものではありません。",
        mend="Take it from the link to the next page, and leave orderBy as it was; or begin without it.",
        mend_ja="次のページへのリンクをそのまま使うか、after なしで始めてください。",
        parameter="after",
    )


def _read(column: int, value: Any) -> object:
    """A value in the type of its column: rank, number, text."""
    if column == 0:
        if type(value) is not int or abs(value) > 1000:
            raise ValueError(value)
        return value
    if column == 2:
        return _text(value)
    number = Decimal(value) if isinstance(value, str) and len(value) <= _MAX_FIGURE else None
    if number is None or not number.is_finite():
        raise ValueError(value)
    return number


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError(value)
    return value
