"""In which order does the asker want the entities? The Entity Ordering Language (CIM 009 v1.9.1, 4.23).

    orderBy = Path[;direction] *(, Path[;direction])      direction = asc | desc | dist-asc | dist-desc

Numbers come first, then texts (by code point: the databases that are supported know no other collation everywhere), objects,
arrays, booleans, times, dates, moments, null, and last, in either direction, what has no such attribute. Of several instances
the default one counts. Distances are those from `orderFrom`, in metres; entities without the geometry follow.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b
from typing import Any, Final

from shapely.geometry.base import BaseGeometry

from kairo.context.query.geo import read_reference
from kairo.context.query.q_paths import read_path
from kairo.context.query.reading import Reader
from kairo.context.query.tree import Path, Terms
from kairo.errors import BadRequestData, OperationNotSupported, TooComplexQuery

MAX_TERMS: Final = 8
_EXAMPLE = "name,temperature;desc or location;dist-asc"


class Direction(StrEnum):
    """How the values of one term follow each other."""

    ASCENDING = "asc"
    DESCENDING = "desc"
    NEAREST = "dist-asc"
    FARTHEST = "dist-desc"

    @property
    def by_distance(self) -> bool:
        return self in (Direction.NEAREST, Direction.FARTHEST)

    @property
    def descends(self) -> bool:
        return self in (Direction.DESCENDING, Direction.FARTHEST)


@dataclass(frozen=True, slots=True)
class OrderTerm:
    """By what is ordered: a path as in q, or one of the members id, type and scope."""

    path: Path
    direction: Direction = Direction.ASCENDING


@dataclass(frozen=True, slots=True)
class Order:
    """The terms, each deciding where those before it are equal; at last the id decides. `origin`: where distances begin."""

    terms: tuple[OrderTerm, ...]
    origin: BaseGeometry | None = field(default=None, hash=False)

    @property
    def digest(self) -> str:
        """Short, and another for another order: a page must go on in the order it began with."""
        origin = self.origin.wkb if self.origin is not None else b""
        return blake2b(repr(self.terms).encode() + origin, digest_size=6).hexdigest()


def parse_order(
    order_by: str | Iterable[str] | None, coordinates: Any, geometry: str | None, collation: str | None, terms: Terms
) -> Order | None:
    """Reads orderBy (a text, or from a POST a list), orderFrom, orderGeometry and collation. None where no order is asked.

    Raises BadRequestData for what is not written rightly, OperationNotSupported for a collation.
    """
    if collation is not None:
        raise OperationNotSupported(
            "texts are ordered by code point here; a collation cannot be chosen",
            detail_ja="文字列は文字コード順に並びます。照合順序（collation）は選べません。",
            mend="Leave collation out; order Japanese names by an attribute that holds their kana.",
            mend_ja="collation を外してください。日本語名は、かなの属性で並べ替えられます。",
        )
    origin = None if coordinates is None else read_reference(geometry or "Point", coordinates)
    if order_by is None:
        if origin is None and geometry is None:
            return None
        raise BadRequestData("orderFrom and orderGeometry belong to orderBy", detail_ja="orderBy も指定してください")
    reader = Reader("orderBy", order_by if isinstance(order_by, str) else ",".join(order_by), _EXAMPLE)
    found = [_term(reader, terms)]
    while reader.take(","):
        found.append(_term(reader, terms))
    reader.expect_end()
    if len(found) > MAX_TERMS:
        raise TooComplexQuery(f"orderBy has more than {MAX_TERMS} terms", detail_ja=f"orderBy の項目は {MAX_TERMS} 個までです")
    if origin is None and any(term.direction.by_distance for term in found):
        raise BadRequestData(
            "an order by distance needs orderFrom. Right form: orderBy=location;dist-asc&orderFrom=[131.47,34.18]",
            detail_ja="距離の順には orderFrom が必要です。正しい例：orderBy=location;dist-asc&orderFrom=[131.47,34.18]",
            parameter="orderFrom",
        )
    return Order(tuple(found), origin)


def _term(reader: Reader, terms: Terms) -> OrderTerm:
    start = reader.position
    path, _ = read_path(reader, terms, members=True)
    direction = Direction.ASCENDING
    if reader.take(";"):
        place = reader.position
        word = reader.name() or ""
        if word not in list(Direction):
            raise reader.fault("names no direction", "並べ方の名前ではありません", at=place)
        direction = Direction(word)
    if direction.by_distance and (path.trail or path.metadata or path.entity_stamp or path.attribute_stamp):
        raise reader.fault("orders by distance what is no GeoProperty", "位置の属性ではありません", at=start)
    return OrderTerm(path, direction)
