"""Are these coordinates of a GeoJSON geometry? (RFC 7946; CIM 009 4.10)

Checks what a query sends before shapely sees it, so that the answer can say which position is wrong and how.
"""

import json
from math import isfinite
from typing import Any, Final

from kairo.errors import BadRequestData, TooComplexQuery

MAX_POSITIONS: Final = 10_000

# For each geometry: how deep positions are nested, and an example.
REFERENCE_TYPES: Final = {
    "Point": (0, "[131.47,34.18]"),
    "MultiPoint": (1, "[[131.47,34.18],[131.48,34.19]]"),
    "LineString": (1, "[[131.47,34.18],[131.48,34.19]]"),
    "MultiLineString": (2, "[[[131.47,34.18],[131.48,34.19]]]"),
    "Polygon": (2, "[[[131.4,34.1],[131.5,34.1],[131.5,34.2],[131.4,34.1]]]"),
    "MultiPolygon": (3, "[[[[131.4,34.1],[131.5,34.1],[131.5,34.2],[131.4,34.1]]]]"),
}


def check_coordinates(geometry: str, coordinates: Any) -> Any:
    """The coordinates as arrays of two numbers each. Raises BadRequestData that names the position."""
    depth, example = REFERENCE_TYPES[geometry]
    return _Check(geometry, depth, example).read(coordinates)


class _Check:
    def __init__(self, geometry: str, depth: int, example: str) -> None:
        self.geometry = geometry
        self.depth = depth
        self.example = example
        self.count = 0

    def fault(self, english: str, japanese: str) -> BadRequestData:
        return BadRequestData(
            f"coordinates {english}. Right form for a {self.geometry}: {self.example}",
            detail_ja=f"coordinates：{japanese}。{self.geometry} の正しい例：{self.example}",
            parameter="coordinates",
        )

    def read(self, coordinates: Any) -> Any:
        if isinstance(coordinates, str):
            try:
                coordinates = json.loads(coordinates)
            except (ValueError, RecursionError) as error:
                raise self.fault("are not JSON", "JSON として読めません") from error
        return self.nested(coordinates, self.depth)

    def nested(self, value: Any, depth: int) -> Any:
        if depth == 0:
            return self.position(value)
        if not isinstance(value, list) or not value:
            raise self.fault("are not nested as this geometry needs, or empty", "入れ子の段数が違うか、空です")
        parts = [self.nested(part, depth - 1) for part in value]
        if depth == 1 and self.geometry.endswith("LineString") and len(parts) < 2:
            raise self.fault("have a line of fewer than two positions", "線に2点以上が必要です")
        if depth == 1 and self.geometry.endswith("Polygon"):
            if len(parts) < 4:
                raise self.fault("have a ring of fewer than four positions", "環に4点以上（始点と終点を含む）が必要です")
            if parts[0] != parts[-1]:
                raise self.fault("have a ring whose last position is not its first", "環の終点が始点と違います")
        return parts

    def position(self, value: Any) -> list[float]:
        self.count += 1
        if self.count > MAX_POSITIONS:
            raise TooComplexQuery(
                f"coordinates have more than {MAX_POSITIONS} positions",
                detail_ja=f"coordinates の点が {MAX_POSITIONS} 個を超えています",
            )
        if not isinstance(value, list) or not 2 <= len(value) <= 4:
            raise self.fault(
                "have something else where [longitude, latitude] is needed", "［経度, 緯度］が必要な所に別のものがあります"
            )
        if any(isinstance(number, bool) or not isinstance(number, int | float) for number in value):
            raise self.fault("have something else than numbers in a position", "位置に数値以外があります")
        longitude, latitude = (self.finite(number) for number in value[:2])
        if abs(longitude) <= 180 and abs(latitude) <= 90:
            return [longitude, latitude]
        english = f"have [{longitude:g},{latitude:g}], which is not on the Earth: longitude first (-180..180), then latitude (-90..90)"
        japanese = f"［{longitude:g}, {latitude:g}］は範囲外です。経度（-180〜180）、緯度（-90〜90）の順に書きます"
        if abs(latitude) <= 180 and abs(longitude) <= 90:
            english += f"; swapped, it would be [{latitude:g},{longitude:g}]"
            japanese += f"。順序を入れ替えると［{latitude:g}, {longitude:g}］になります"
        raise self.fault(english, japanese)

    def finite(self, number: float) -> float:
        try:
            value = float(number)
        except OverflowError:
            value = float("inf")
        if not isfinite(value):
            raise self.fault("have a number that is not finite", "有限でない数値があります")
        return value
