"""Which part of the world does a box lie in, as one number that an ordinary index can serve?

A quadtree over longitude and latitude: a box's cell is the smallest node that holds it whole. The key of a node is its Morton
code at the finest level, then its level: all that lies within a node stands in one range of keys. Comparisons of integers
are leakproof, so the index is used under row-level security; PostgreSQL's operators on boxes are not, and its GiST index
would be passed over.
"""

from collections.abc import Iterable
from typing import Final

Box = tuple[float, float, float, float]  # west, south, east, north, in degrees

LEVELS: Final = 24  # the finest cells are about 2 m wide
_LEVEL_BITS: Final = 5
_MOST_NODES: Final = 16  # of one box in a cover: more nodes fit it more tightly, and cost a look-up each
_SIDE: Final = 1 << LEVELS


def cell_of(box: Box) -> int:
    """The key of the smallest node that holds the box."""
    west, south, east, north = box
    low, high = _morton(_column(west), _row(south)), _morton(_column(east), _row(north))
    level = LEVELS - ((low ^ high).bit_length() + 1) // 2
    return _key(low, level)


def cover(boxes: Iterable[Box]) -> tuple[list[int], list[int]]:
    """Ranges of keys (lowest, highest) in which the cells of all boxes lie that touch one of these boxes; some others too."""
    ranges: set[tuple[int, int]] = set()
    for box in boxes:
        west, south, east, north = box
        left, right, bottom, top = _column(west), _column(east), _row(south), _row(north)
        level = _level_for(left, right, bottom, top)
        shift = LEVELS - level
        for column in range(left >> shift, (right >> shift) + 1):
            for row in range(bottom >> shift, (top >> shift) + 1):
                code = _morton(column << shift, row << shift)
                last = code | ((1 << (2 * shift)) - 1)
                ranges.add((_key(code, level), (last << _LEVEL_BITS) | LEVELS))
                for above in range(level):
                    key = _key(code, above)
                    ranges.add((key, key))
    ordered = sorted(ranges)
    return [low for low, _ in ordered], [high for _, high in ordered]


def _level_for(left: int, right: int, bottom: int, top: int) -> int:
    """The finest level at which a few nodes cover the box."""
    for level in range(LEVELS, 0, -1):
        shift = LEVELS - level
        if ((right >> shift) - (left >> shift) + 1) * ((top >> shift) - (bottom >> shift) + 1) <= _MOST_NODES:
            return level
    return 0


def _key(code: int, level: int) -> int:
    """The key of the node at `level` that holds the finest cell with this Morton code."""
    shift = 2 * (LEVELS - level)
    return ((code >> shift << shift) << _LEVEL_BITS) | level


def _column(longitude: float) -> int:
    return min(_SIDE - 1, max(0, int((longitude + 180.0) / 360.0 * _SIDE)))


def _row(latitude: float) -> int:
    return min(_SIDE - 1, max(0, int((latitude + 90.0) / 180.0 * _SIDE)))


def _morton(column: int, row: int) -> int:
    """The bits of both, interleaved."""
    return _spread(column) | (_spread(row) << 1)


def _spread(value: int) -> int:
    """The bits of a 24-bit number, a zero between each two."""
    value = (value | (value << 16)) & 0x0000FFFF0000FFFF
    value = (value | (value << 8)) & 0x00FF00FF00FF00FF
    value = (value | (value << 4)) & 0x0F0F0F0F0F0F0F0F
    value = (value | (value << 2)) & 0x3333333333333333
    return (value | (value << 1)) & 0x5555555555555555
