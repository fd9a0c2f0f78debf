"""Why was a row refused? Every reason by the name of its rule, in English and Japanese: one list for importers and README."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

REASONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "not-readable": ("the row cannot be read: {what}", "行を読み取れません: {what}"),
        "missing": ("the column must not be empty", "必須の項目が空です"),
        "not-text": ("a text is expected here, not a list or an object", "文字列ではありません"),
        "broken-character": ("the text holds half a character (a lone surrogate)", "壊れた文字（孤立サロゲート）を含みます"),
        "not-an-id": (
            "an id is of letters, digits, - and _, at most 64 of them",
            "IDは半角英数字・ハイフン・アンダースコア64文字以内です",
        ),
        "not-a-code": (
            "no municipality code: six digits with the right check digit, or five without it",
            "全国地方公共団体コードではありません（検査数字を含む6桁、または検査数字のない5桁）",
        ),
        "municipality-unknown": ("it does not say which municipality it belongs to", "どの市区町村のものか分かりません"),
        "municipality-contradiction": (
            "the id says {by_id}, the municipality column says {by_name}",
            "IDは{by_id}、市町村名は{by_name}を示しており、一致しません",
        ),
        "belongs-to-no-municipality": ("the area belongs to no municipality (所属未定地)", "所属未定地です"),
        "not-a-mark": (
            "a flag is 1 or empty; this mark could mean either",
            "フラグは「1」か空欄です。この記号はどちらの意味か分かりません",
        ),
        "not-a-number": ("a number is expected here", "数値ではありません"),
        "missing-coordinates": ("there is no position", "位置（緯度・経度）がありません"),
        "zero-coordinates": ("latitude or longitude is 0: no position was entered", "緯度か経度が0です（未入力とみられます）"),
        "not-a-point": ("a point is expected, not {what}", "点（Point）ではなく{what}です"),
        "not-an-area": (
            "an area (Polygon or MultiPolygon) is expected: {what}",
            "面（Polygon、MultiPolygon）ではありません: {what}",
        ),
        "outside-japan": ("the position lies outside Japan", "位置が日本の範囲の外です"),
        "outside-municipality": (
            "the position lies {km} km outside {municipality}",
            "位置が{municipality}の外、{km} km離れたところにあります",
        ),
        "far-from-the-rest": (
            "the position lies {km} km from the middle of the others of {municipality}",
            "位置が{municipality}のほかの地点の中心から{km} km離れています",
        ),
        "duplicate-id": ("the same id stands in {first} with other data", "同じIDが{first}にあり、内容が異なります"),
        "duplicate-row": ("the same row stands in {first} already", "同じ内容の行が{first}にあります"),
        "incomplete-municipality": (
            "another part of this municipality was refused (row {row}); half an outline would be wrong",
            "同じ市区町村の別の図形（{row}行目）を受け付けられないため、不完全な区域になります",
        ),
        "refused-by-graph": ("{what}", "{what}"),
    }
)


def reason(rule: str, language: str, members: Mapping[str, Any]) -> str:
    """The reason in words."""
    english, japanese = REASONS[rule]
    return (japanese if language.startswith("ja") else english).format_map(members)
