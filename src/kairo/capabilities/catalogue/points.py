"""Where does this row lie, and can that be true? One judgement of positions for all importers whose entities are points.

Swapped latitude and longitude are put right (in Japan the two ranges do not meet); no position, zero, a position outside Japan
or outside the municipality is refused. Boundaries are simplified and shelters stand on quays, hence the tolerance.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median
from typing import Any, NamedTuple, Protocol, TypeVar

from kairo.capabilities.catalogue.cells import Cells, RowRefused, refuse
from kairo.capabilities.catalogue.importer import Made, Work
from kairo.capabilities.places import Boundaries, by_code, distance_m, in_japan

TOLERANCE_M = 1_000
FAR_M = 100_000  # used only where a municipality's boundary is not known
FAR_FROM_HOME = frozenset(("134210",))  # 小笠原村: its islands lie 1,200 km apart
LEAST_FOR_A_MIDDLE = 5


class Place(NamedTuple):
    """A longitude and a latitude that lie in Japan."""

    longitude: float
    latitude: float

    def geometry(self) -> dict[str, Any]:
        """As GeoJSON."""
        return {"type": "Point", "coordinates": [self.longitude, self.latitude]}


class Found(Protocol):
    """A row that reads well, before its position is compared with its municipality."""

    @property
    def cells(self) -> Cells: ...
    @property
    def code(self) -> str: ...
    @property
    def place(self) -> Place: ...


F = TypeVar("F", bound=Found)


def read_place(cells: Cells, latitude_column: str, longitude_column: str) -> Place:
    """The position of a row: its geometry, else its two columns. Raises RowRefused."""
    geometry = cells.row.geometry
    if geometry is not None:
        longitude, latitude = _of_geometry(cells, geometry)
        column: str = "geometry"
        value: Any = [longitude, latitude]
    else:
        latitude, longitude = cells.number(latitude_column), cells.number(longitude_column)
        column, value = latitude_column, [longitude, latitude]
    if longitude is None or latitude is None:
        raise cells.refusal(column, "missing-coordinates")
    if longitude == 0 or latitude == 0:
        raise _at(cells, column, value, "zero-coordinates")
    if in_japan(longitude, latitude):
        return Place(longitude, latitude)
    if in_japan(latitude, longitude):
        cells.repaired(column, [longitude, latitude], [latitude, longitude], "latitude-longitude-swapped")
        return Place(latitude, longitude)
    raise _at(cells, column, value, "outside-japan")


def _of_geometry(cells: Cells, geometry: Mapping[str, Any]) -> tuple[float | None, float | None]:
    if geometry.get("type") != "Point":
        raise _at(cells, "geometry", geometry.get("type"), "not-a-point", what=ascii(geometry.get("type"))[:40])
    coordinates = geometry.get("coordinates")
    if not isinstance(coordinates, list) or not coordinates:
        return None, None
    if not 2 <= len(coordinates) <= 3:
        raise _at(cells, "geometry", coordinates, "not-a-number")
    return _part(cells, coordinates, 0), _part(cells, coordinates, 1)


def _part(cells: Cells, coordinates: list[Any], index: int) -> float | None:
    part = coordinates[index]
    if part is None:
        return None
    if isinstance(part, int | float) and not isinstance(part, bool) and abs(part) < 1e15:
        return float(part)
    if isinstance(part, str):
        try:
            number = float(part)
        except ValueError:
            number = float("inf")
        if abs(number) < 1e15:
            cells.repaired("geometry", part, number, "text-to-number")
            return number
    raise _at(cells, "geometry", part, "not-a-number")


def middles(places: Iterable[tuple[str, Place]]) -> dict[str, Place]:
    """The middle (median) of the points of each municipality that has enough of them."""
    by_municipality: dict[str, list[Place]] = {}
    for code, place in places:
        by_municipality.setdefault(code, []).append(place)
    return {
        code: Place(median(place.longitude for place in found), median(place.latitude for place in found))
        for code, found in by_municipality.items()
        if len(found) >= LEAST_FOR_A_MIDDLE
    }


async def made_of(work: Work, found: Sequence[F], column: str, entity: Callable[[F], Made]) -> list[Made]:
    """The entities of the rows that lie where they say; the others are refused, with `column` to blame."""
    codes = {item.code for item in found}
    boundaries = await Boundaries.load(work.graph, work.scope, codes)
    note = unknown_boundaries_note(codes, boundaries)
    if note:
        work.report.notes.append(note)
    middle = middles((item.code, item.place) for item in found)
    made: list[Made] = []
    for number, item in enumerate(found, 1):
        try:
            check_municipality(item.cells, column, item.code, item.place, boundaries, middle)
            made.append(entity(item))
        except RowRefused as why:
            refuse(work.report, item.cells.row, why)
        else:
            item.cells.accept(work.report)
        work.progress("check", number, len(found))
    return made


def check_municipality(
    cells: Cells, column: str, code: str, place: Place, boundaries: Boundaries, middle: Mapping[str, Place]
) -> None:
    """Raises RowRefused for a point that does not lie in its municipality, as far as that can be known."""
    municipality = by_code(code)
    name = code if municipality is None else municipality.full_name
    outside = boundaries.metres_outside(code, place.longitude, place.latitude)
    if outside is not None:
        if outside > TOLERANCE_M:
            raise _at(cells, column, list(place), "outside-municipality", km=round(outside / 1000, 1), municipality=name)
        return
    if code in middle and code not in FAR_FROM_HOME:
        away = distance_m(*place, *middle[code])
        if away > FAR_M:
            raise _at(cells, column, list(place), "far-from-the-rest", km=round(away / 1000), municipality=name)


def unknown_boundaries_note(codes: Iterable[str], boundaries: Boundaries) -> Mapping[str, str] | None:
    """What the report says where points could not be compared with a boundary."""
    missing = sorted(code for code in set(codes) if code not in boundaries)
    if not missing:
        return None
    listed = ", ".join(missing)
    return {
        "ja": f"行政区域が未登録のため、市区町村内にあるかどうかは大まかにしか確認していません: {listed}"
        "（kairo import boundaries で取り込めます）",
        "ja-x-easy": f"市（し）や町（まち）の はんいが ないので、場所（ばしょ）を よく たしかめていません: {listed}",
        "en": f"Points were only roughly checked, since these boundaries are not in the graph: {listed} "
        "(kairo import boundaries brings them)",
    }


def _at(cells: Cells, column: str, value: Any, rule: str, **members: Any) -> Exception:
    refusal = cells.refusal(column, rule, **members)
    refusal.value = value
    return refusal
