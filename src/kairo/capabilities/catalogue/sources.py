"""Which rows does a file hold? GeoJSON, TopoJSON, a JSON list of objects or CSV, all read to the same rows."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from kairo.capabilities.catalogue import topojson
from kairo.capabilities.catalogue.encodings import Decoded, half_a_file, read_text
from kairo.errors import BadRequestData


@dataclass(frozen=True, slots=True)
class Row:
    """One record: its place in its file (from 1, the header not counted), its cells, its geometry.

    `fault` says what keeps the row as a whole from being read.
    """

    file: str
    number: int
    cells: Mapping[str, Any]
    geometry: Mapping[str, Any] | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that was read. `label` is the name that the data themselves give (a collection's `name`)."""

    path: Path
    form: str
    encoding: str
    encoding_rule: str
    label: str
    rows: tuple[Row, ...]
    columns: tuple[str, ...] = field(default=())

    @property
    def name(self) -> str:
        """As the user wrote it."""
        return str(self.path)


def read_source(path: Path) -> SourceFile:
    """The rows of a file. Raises a KairoError with the mend where the file as a whole cannot be read."""
    decoded = read_text(path)
    if decoded.text.lstrip().startswith(("{", "[")):
        form, label, rows = _json_rows(decoded, str(path))
    else:
        form, label, rows = "csv", "", _csv_rows(decoded.text, str(path))
    columns = tuple(dict.fromkeys(name for row in rows for name in row.cells))
    return SourceFile(path, form, decoded.encoding, decoded.rule, label, tuple(rows), columns)


def _json_rows(decoded: Decoded, name: str) -> tuple[str, str, list[Row]]:
    content = _parse(decoded.text, name)
    if isinstance(content, list):
        return "json", "", [_plain_row(name, number, item) for number, item in enumerate(content, 1)]
    kind = content.get("type")
    label = content.get("name")
    label = label if isinstance(label, str) else ""
    if kind == "FeatureCollection" and isinstance(content.get("features"), list):
        return "geojson", label, [_feature_row(name, number, item) for number, item in enumerate(content["features"], 1)]
    if kind == "Feature":
        return "geojson", label, [_feature_row(name, 1, content)]
    if kind == "Topology" and isinstance(content.get("objects"), dict):
        return "topojson", label, _topology_rows(content, name)
    raise BadRequestData(
        f"{name} is JSON, but neither GeoJSON (FeatureCollection), TopoJSON (Topology) nor a list of objects",
        detail_ja=f"{name} はJSONですが、GeoJSON（FeatureCollection）でもTopoJSON（Topology）でも一覧でもありません",
    )


def _topology_rows(content: Mapping[str, Any], name: str) -> list[Row]:
    try:
        found = list(topojson.features(content))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as fault:
        raise BadRequestData(
            f"{name} is no whole TopoJSON: its arcs cannot be decoded ({type(fault).__name__})",
            detail_ja=f"{name} のTopoJSONの線（arcs）を読み取れません",
        ) from None
    return [
        # a geometry that cannot be decoded is one of no known type: whoever needs it refuses the row with this reason
        Row(name, number, properties if isinstance(properties, dict) else {}, {"type": fault} if fault else geometry)
        for number, (_, properties, geometry, fault) in enumerate(found, 1)
    ]


def _plain_row(file: str, number: int, item: Any) -> Row:
    if isinstance(item, dict):
        return Row(file, number, item)
    return Row(file, number, {}, fault="not an object")


def _feature_row(file: str, number: int, item: Any) -> Row:
    if not isinstance(item, dict) or item.get("type") != "Feature":
        return Row(file, number, {}, fault="not a GeoJSON Feature")
    cells = item.get("properties") or {}
    geometry = item.get("geometry")
    if not isinstance(cells, dict) or not (geometry is None or isinstance(geometry, dict)):
        return Row(file, number, {}, fault="properties or geometry is no object")
    return Row(file, number, cells, geometry)


def _parse(text: str, name: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
            raise half_a_file(
                name, f"ends in the middle (line {error.lineno})", f"は途中で終わっています（{error.lineno}行目）"
            ) from None
        raise BadRequestData(
            f"{name} is not JSON: {error.msg} at line {error.lineno}, column {error.colno}",
            detail_ja=f"{name} をJSONとして読めません（{error.lineno}行{error.colno}文字目）",
        ) from None
    except (ValueError, RecursionError) as error:
        what = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise BadRequestData(f"{name} cannot be read: {what}", detail_ja=f"{name} を読み取れません: {what}") from None


def _no_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _no_duplicates(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    pairs = list(pairs)
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {ascii(twice)[:60]} stands twice in one object")
    return found


def _csv_rows(text: str, name: str) -> list[Row]:
    delimiter = "\t" if "\t" in text.partition("\n")[0] else ","
    try:
        lines = [line for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True) if any(line)]
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise half_a_file(name, "ends within quotes", "は引用符の途中で終わっています") from None
        raise BadRequestData(f"{name} is not CSV: {error}", detail_ja=f"{name} をCSVとして読めません: {error}") from None
    header = [cell.strip() for cell in lines[0]] if lines else []
    if len(header) < 2 or len(set(header)) != len(header) or "" in header:
        raise BadRequestData(
            f"{name} has no line of column names (each once, none empty)",
            detail_ja=f"{name} の1行目が列名の行ではありません（重複や空欄のない列名が必要です）",
            mend="Give the file a first line with the names of its columns.",
            mend_ja="1行目に列名を入れてください。",
        )
    if len(lines) > 1 and len(lines[-1]) < len(header) and not text.endswith(("\n", "\r")):
        raise half_a_file(name, "ends within its last line", "は最後の行の途中で終わっています")
    rows = []
    for number, line in enumerate(lines[1:], 1):
        fault = "" if len(line) == len(header) else f"{len(line)} of {len(header)} columns"
        rows.append(Row(name, number, dict(zip(header, line, strict=False)), fault=fault))
    return rows
