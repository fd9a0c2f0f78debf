"""How do the town files of Geolonia become entities? One a 町字 or 小字, with its representative point and its municipality.

The JSON files name no municipality inside: their own file name does (山口市.json, 鹿足郡津和野町.json, 352039.json, below a folder with
the prefecture's name where several are called alike). The CSV names it in every row and gives kana.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kairo.capabilities.catalogue.cells import Cells, Columns, RowRefused, refuse
from kairo.capabilities.catalogue.importer import Importer, Made, Work, entity, in_japanese, located, said, source
from kairo.capabilities.catalogue.points import Place, made_of, read_place
from kairo.capabilities.catalogue.sources import SourceFile
from kairo.capabilities.places import Municipality, by_code, by_name, is_code
from kairo.capabilities.places.municipalities import PREFECTURES, prefecture_of
from kairo.errors import BadRequestData

TOWN, KOAZA, KANA, CODE = "大字町丁目名", "小字・通称名", "大字町丁目名カナ", "市区町村コード"
LATITUDE, LONGITUDE = "緯度", "経度"
ALIASES: Mapping[str, tuple[str, ...]] = {
    TOWN: ("town",),
    KOAZA: ("koaza",),
    KANA: ("kana", "town_kana"),
    CODE: (),
    LATITUDE: ("lat",),
    LONGITUDE: ("lng", "lon"),
    **dict.fromkeys(
        (
            "都道府県コード",
            "都道府県名",
            "都道府県名カナ",
            "都道府県名ローマ字",
            "市区町村名",
            "市区町村名カナ",
            "市区町村名ローマ字",
        ),
        (),
    ),
    "大字町丁目名ローマ字": (),
}
SOURCE = source("Geolonia 住所データを加工", "CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/deed.ja")
OWNED = frozenset("name nameKana townName koazaName municipalityCode municipalityName location source".split())
_NOT_IN_IDS = re.compile(r"[\s:<>\"{}|\\^`/?#%]+")


@dataclass(frozen=True, slots=True)
class _Found:
    cells: Cells
    town: str
    koaza: str
    code: str
    place: Place


async def _make(work: Work) -> list[Made]:
    found: list[_Found] = []
    for file in work.files:
        columns = work.columns(file, ALIASES)
        municipality = None if CODE in columns else municipality_of_file(file, work.tenant)
        for row in file.rows:
            try:
                found.append(_read(Cells(row, columns), municipality))
            except RowRefused as why:
                refuse(work.report, row, why)
    return await made_of(work, found, LATITUDE, _entity)


def municipality_of_file(file: SourceFile, tenant: str) -> Municipality:
    """The municipality that a file's name says. Raises BadRequestData where it says none, or several."""
    stem = unicodedata.normalize("NFKC", file.path.stem).strip()
    folder = unicodedata.normalize("NFKC", file.path.resolve().parent.name)
    code = re.match(r"[0-9]{6}(?![0-9])", stem)
    official = by_code(code[0]) if code is not None and is_code(code[0]) else None
    if official is not None:
        return official
    named = by_name(stem, folder if folder in PREFECTURES else prefecture_of(tenant) if is_code(tenant) else "")
    if len(named) == 1:
        return named[0]
    which = ", ".join(place.full_name for place in named) or "none"
    raise BadRequestData(
        f"{file.name} does not say of which municipality its towns are (its name fits: {which})",
        detail_ja=f"{file.name} がどの市区町村の町字か分かりません（ファイル名に合うもの: {which}）",
        mend="Name the file after its municipality or its code: 山口市.json, 352039.json.",
        mend_ja="ファイル名を市区町村名かコードにしてください（例: 山口市.json、352039.json）。",
    )


def _read(cells: Cells, municipality: Municipality | None) -> _Found:
    code = cells.municipality_code(CODE, five_digits_are_whole=True) if municipality is None else municipality.code
    if not code:
        raise cells.refusal(CODE, "municipality-unknown")
    return _Found(cells, cells.required(TOWN), cells.text(KOAZA), code, read_place(cells, LATITUDE, LONGITUDE))


def _entity(item: _Found) -> Made:
    municipality = by_code(item.code)
    attributes: dict[str, Any] = {
        "name": in_japanese(item.town + item.koaza),
        "nameKana": said("" if item.koaza else item.cells.text(KANA)),
        "townName": said(item.town),
        "koazaName": said(item.koaza),
        "municipalityCode": said(item.code),
        "municipalityName": said(municipality.full_name if municipality is not None else ""),
        "location": located(item.place.geometry()),
        "source": SOURCE,
    }
    local = ":".join(_for_id(part) for part in (item.code, item.town, item.koaza) if part)
    return Made(entity("Town", local, attributes), OWNED, item.cells.row)


def _for_id(part: str) -> str:
    return _NOT_IN_IDS.sub("_", unicodedata.normalize("NFKC", part))


def _recognises(file: SourceFile) -> bool:
    columns = Columns(file, ALIASES)
    return all(name in columns for name in (TOWN, LATITUDE, LONGITUDE))


TOWNS = Importer(
    kind="towns",
    title={"ja": "町字", "ja-x-easy": "町（まち）の 名前（なまえ）", "en": "Towns"},
    help={
        "ja": "Geolonia 住所データの町字（市区町村名.json、またはCSV）",
        "ja-x-easy": "町（まち）の 名前（なまえ）の ファイル",
        "en": "Towns (町字) of Geolonia's address data: one JSON file a municipality, named after it, or the CSV.",
    },
    recognises=_recognises,
    make=_make,
)
