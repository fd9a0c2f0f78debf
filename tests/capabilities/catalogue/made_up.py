"""Small made-up files in the layout of the real ones. Every name and place in them is invented (架空)."""

import json
from pathlib import Path
from typing import Any

HAZARDS = ("洪水", "崖崩れ、土石流及び地滑り", "高潮", "地震", "津波", "大規模な火事", "内水氾濫", "火山現象")


def emergency(number: int = 1, *, at: Any = (131.47, 34.17), called: Any = "架空小学校", **cells: Any) -> dict[str, Any]:
    """A feature of a 指定緊急避難場所 file; `cells` replace single columns."""
    properties = {
        "NO": number,
        "共通ID": f"E35203{number:05d}201",
        "都道府県名及び市町村名": "山口県山口市",
        "施設・場所名": called,
        "住所": f"山口県山口市架空町{number}-1",
        **dict.fromkeys(HAZARDS, ""),
        "洪水": "1",
        "指定避難所との住所同一": "",
        "備考": "",
    }
    return _feature({**properties, **cells}, at)


def evacuation(number: int = 1, *, at: Any = (131.47, 34.17), called: Any = "架空小学校", **cells: Any) -> dict[str, Any]:
    """A feature of a 指定避難所 file."""
    properties = {
        "NO": number,
        "共通ID": f"E35203{number:05d}111",
        "都道府県名及び市町村名": "山口県山口市",
        "施設・場所名": called,
        "住所": f"山口県山口市架空町{number}-1",
        "指定緊急避難場所との住所同一": "",
        "その他市町村長が必要と認める事項": None,
        "受入対象者": None,
        "備考": "",
    }
    return _feature({**properties, **cells}, at)


def area(code: str | None, name: str, *rings: Any, above: str | None = None) -> dict[str, Any]:
    """A feature of an N03 file; each ring is one polygon."""
    properties = {"N03_001": "山口県", "N03_002": None, "N03_003": above, "N03_004": name, "N03_007": code}
    geometry = {"type": "MultiPolygon", "coordinates": [[list(map(list, ring))] for ring in rings]}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def box(west: float, south: float, east: float, north: float) -> list[list[float]]:
    """A ring around a box, clockwise as N03 writes them."""
    return [[west, south], [west, north], [east, north], [east, south], [west, south]]


def geojson(path: Path, *features: Any, name: str = "") -> Path:
    """Writes a FeatureCollection."""
    return written(path, {"type": "FeatureCollection", **({"name": name} if name else {}), "features": list(features)})


def written(path: Path, content: Any, encoding: str = "utf-8") -> Path:
    """Writes JSON, or a text as it is."""
    path.write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False), encoding=encoding)
    return path


def _feature(properties: dict[str, Any], at: Any) -> dict[str, Any]:
    geometry = None if at is None else {"type": "Point", "coordinates": list(at)}
    return {"type": "Feature", "geometry": geometry, "properties": properties}
