"""How do the 行政区域 of 国土数値情報 (N03) become entities? One a municipality: all its parts, islands too, as one MultiPolygon.

N03 lists a municipality once (simplified TopoJSON) or once for each of its islands and parts (the original). Rings that cross
themselves are repaired and reported; what belongs to no municipality (所属未定地) is refused.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import shapely
from shapely.geometry import MultiPolygon, Polygon, mapping, shape
from shapely.geometry.base import BaseGeometry

from kairo.capabilities.catalogue.cells import Cells, Columns, RowRefused, refuse
from kairo.capabilities.catalogue.importer import Importer, Made, Work, entity, in_japanese, located, said, source
from kairo.capabilities.catalogue.sources import Row, SourceFile
from kairo.capabilities.places import by_code, in_japan

CODE = "N03_007"
ALIASES: Mapping[str, tuple[str, ...]] = {"N03_001": (), "N03_002": (), "N03_003": (), "N03_004": (), "N03_005": (), CODE: ()}
SOURCE = source(
    "国土数値情報（行政区域データ）を加工",
    "国土数値情報 利用約款",
    "https://nlftp.mlit.go.jp/ksj/other/agreement.html",
)
OWNED = frozenset("name nameKana prefectureName subprefectureName districtName municipalityCode location source".split())


@dataclass(slots=True)
class _Municipality:
    """A municipality while its parts are gathered."""

    code: str
    cells: Cells
    attributes: dict[str, Any] = field(default_factory=dict)
    parts: list[Polygon] = field(default_factory=list)
    rows: list[Cells] = field(default_factory=list)
    refused_row: int = 0


async def _make(work: Work) -> list[Made]:
    gathered: dict[str, _Municipality] = {}
    for file in work.files:
        columns = work.columns(file, ALIASES)
        in_file: dict[str, _Municipality] = {}
        for row in file.rows:
            try:
                _gather(row, columns, in_file)
            except RowRefused as why:
                refuse(work.report, row, why)
        for code, municipality in in_file.items():
            # a second file with the same municipality does not add parts to the first: its rows are duplicates
            gathered.setdefault(f"{file.name}\n{code}", municipality)
    made: list[Made] = []
    for number, municipality in enumerate(gathered.values(), 1):
        if municipality.refused_row:
            for cells in municipality.rows:
                refuse(work.report, cells.row, cells.refusal(CODE, "incomplete-municipality", row=municipality.refused_row))
        else:
            made.append(_entity(municipality))
            for cells in municipality.rows:
                cells.accept(work.report)
        work.progress("check", number, len(gathered))
    return made


def _gather(row: Row, columns: Columns, gathered: dict[str, _Municipality]) -> None:
    cells = Cells(row, columns)
    code = cells.municipality_code(CODE, five_digits_are_whole=True)
    if not code or cells.text("N03_004").endswith("所属未定地"):
        raise cells.refusal(CODE, "belongs-to-no-municipality")
    municipality = gathered.setdefault(code, _Municipality(code, cells))
    try:
        municipality.attributes = municipality.attributes or _attributes(cells, code)
        municipality.parts.extend(_polygons(cells))
    except RowRefused:
        municipality.refused_row = row.number
        raise
    municipality.rows.append(cells)


def _name(cells: Cells) -> str:
    """山口市; 札幌市中央区 for a ward, which the versions of N03 write in different columns."""
    above, name, ward = cells.text("N03_003"), cells.text("N03_004"), cells.text("N03_005")
    city = above if above.endswith("市") else ""
    if not name:
        raise cells.refusal("N03_004", "missing")
    return (city if not name.startswith(city) else "") + name + ward


def _attributes(cells: Cells, code: str) -> dict[str, Any]:
    name, official, district = _name(cells), by_code(code), cells.text("N03_003")
    return {
        "name": in_japanese(name),
        "nameKana": said(official.kana if official is not None and official.name == name else ""),
        "prefectureName": said(cells.text("N03_001")),
        "subprefectureName": said(cells.text("N03_002")),
        "districtName": said(district if not district.endswith("市") else ""),
        "municipalityCode": said(code),
        "source": SOURCE,
    }


def _polygons(cells: Cells) -> list[Polygon]:
    geometry = cells.row.geometry
    kind = None if geometry is None else geometry.get("type")
    if geometry is None or kind not in ("Polygon", "MultiPolygon"):
        raise _blame(cells, kind, "not-an-area", what=ascii(kind)[:40])
    try:
        outline = shape(dict(geometry))
    except (AttributeError, IndexError, TypeError, ValueError, shapely.errors.ShapelyError) as fault:
        raise _blame(cells, kind, "not-an-area", what=str(fault)[:80]) from None
    if outline.is_empty or not all(map(_finite, outline.bounds)):
        raise _blame(cells, kind, "not-an-area", what="it is empty")
    west, south, east, north = outline.bounds
    if not (in_japan(west, south) and in_japan(east, north)):
        raise _blame(cells, [west, south, east, north], "outside-japan")
    if not outline.is_valid:
        reason = shapely.is_valid_reason(outline)
        outline = shapely.make_valid(outline)
        cells.repaired("geometry", reason, "valid", "geometry-made-valid")
    found = _only_polygons(outline)
    if not found:
        raise _blame(cells, kind, "not-an-area", what="its rings enclose nothing")
    return found


def _entity(municipality: _Municipality) -> Made:
    outline: BaseGeometry = MultiPolygon(municipality.parts)
    if not outline.is_valid:  # parts that share an edge or overlap, each valid by itself
        reason = shapely.is_valid_reason(outline)
        outline = shapely.union_all(municipality.parts)
        municipality.cells.repaired("geometry", reason, "valid", "parts-joined")
    polygons = sorted(_only_polygons(outline), key=lambda part: (-part.area, part.bounds))
    whole = MultiPolygon([shapely.orient_polygons(part) for part in polygons])
    geometry = {"type": "MultiPolygon", "coordinates": _lists(mapping(whole)["coordinates"])}
    made = entity("MunicipalBoundary", municipality.code, {**municipality.attributes, "location": located(geometry)})
    return Made(made, OWNED, municipality.cells.row)


def _only_polygons(outline: BaseGeometry) -> list[Polygon]:
    if isinstance(outline, Polygon):
        return [shapely.force_2d(outline)] if outline.area > 0 else []
    parts: Iterable[BaseGeometry] = getattr(outline, "geoms", ())
    return [polygon for part in parts for polygon in _only_polygons(part)]


def _lists(coordinates: Any) -> Any:
    return [_lists(part) for part in coordinates] if isinstance(coordinates, tuple | list) else float(coordinates)


def _finite(number: float) -> bool:
    return abs(number) < 1e15


def _blame(cells: Cells, value: Any, rule: str, **members: Any) -> RowRefused:
    return RowRefused("geometry", value, rule, **members)


def _recognises(file: SourceFile) -> bool:
    columns = Columns(file, ALIASES)
    return CODE in columns and "N03_004" in columns and file.form in ("geojson", "topojson")


BOUNDARIES = Importer(
    kind="boundaries",
    title={"ja": "行政区域", "ja-x-easy": "市（し）や町（まち）の はんい", "en": "Municipal boundaries"},
    help={
        "ja": "国土数値情報の行政区域（N03、TopoJSONまたはGeoJSON）",
        "ja-x-easy": "市（し）や町（まち）の はんいの ファイル（N03）",
        "en": "行政区域 of 国土数値情報 (N03, TopoJSON or GeoJSON).",
    },
    recognises=_recognises,
    make=_make,
)
