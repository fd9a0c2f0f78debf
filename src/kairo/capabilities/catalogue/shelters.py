"""How do the national shelter files become entities? 指定緊急避難場所 and 指定避難所: legally two things, two types, never merged.

指定緊急避難場所 (災害対策基本法49条の4) is where one flees from a kind of disaster; 指定避難所 (49条の7) is where one then lives. Which of the
two a file lists is told by its columns. An empty hazard flag means "not designated for it", which is neither safe nor unsafe:
`designatedFor` names only what is designated.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from kairo.capabilities.catalogue.cells import Cells, Columns, RowRefused, refuse
from kairo.capabilities.catalogue.importer import Importer, Made, Work, entity, in_japanese, located, said, source
from kairo.capabilities.catalogue.points import Place, made_of, read_place
from kairo.capabilities.catalogue.rules import SEVERAL_LINES, SYMBOLS
from kairo.capabilities.catalogue.shelter_links import EMERGENCY_SITE, EVACUATION_SHELTER, OTHER, link_same_addresses
from kairo.capabilities.catalogue.sources import SourceFile
from kairo.capabilities.places import (
    Municipality,
    by_code,
    by_name,
    is_code,
    is_five_digits,
    normalized_address,
    same_place,
    with_check_digit,
)

HAZARDS: Mapping[str, str] = MappingProxyType(
    {
        "洪水": "flood",
        "崖崩れ、土石流及び地滑り": "landslide",
        "高潮": "stormSurge",
        "地震": "earthquake",
        "津波": "tsunami",
        "大規模な火事": "largeFire",
        "内水氾濫": "inlandFlood",
        "火山現象": "volcano",
    }
)
ALSO_SHELTER = "指定避難所との住所同一"
ALSO_EMERGENCY_SITE = "指定緊急避難場所との住所同一"
COMMON_ID, NAME, ADDRESS, MUNICIPALITY, CODE = (
    "共通ID",
    "施設・場所名",
    "住所",
    "都道府県名及び市町村名",
    "全国地方公共団体コード",
)
LATITUDE, LONGITUDE = "緯度", "経度"
# The official column of the national file, then what 自治体標準オープンデータセット calls the same.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "NO": (),
    COMMON_ID: ("ID",),
    MUNICIPALITY: ("地方公共団体名",),
    CODE: ("市区町村コード", "都道府県コード又は市区町村コード"),
    NAME: ("名称",),
    "名称_カナ": (),
    ADDRESS: ("所在地_連結表記",),
    LATITUDE: (),
    LONGITUDE: (),
    **{column: (f"災害種別_{column}",) for column in HAZARDS},
    ALSO_SHELTER: ("指定避難所との重複",),
    ALSO_EMERGENCY_SITE: (),
    "その他市町村長が必要と認める事項": (),
    "受入対象者": (),
    "電話番号": (),
    "想定収容人数": (),
    "備考": (),
}
NATIONAL = source(
    "国土地理院「指定緊急避難場所・指定避難所データ」を加工して作成",
    "国土地理院コンテンツ利用規約",
    "https://www.gsi.go.jp/kikakuchousei/kikakuchousei40182.html",
)
OWNED = frozenset(
    "name nameKana address addressNormalized location municipalityCode municipalityName commonId designatedFor telephone "
    "maxCapacity otherMatters acceptedPersons remarks source".split()
)


@dataclass(frozen=True, slots=True)
class _Found:
    """A row that reads well, before its position is compared with its municipality."""

    cells: Cells
    type: str
    id: str
    code: str
    place: Place
    national: bool


def type_of(columns: Columns) -> str | None:
    """Which of the two a file lists, by its columns; None where it lists neither."""
    if NAME not in columns or COMMON_ID not in columns:
        return None
    if columns.any_of(HAZARDS):
        return EMERGENCY_SITE
    return EVACUATION_SHELTER if columns.any_of((ALSO_EMERGENCY_SITE, "受入対象者")) else None


async def _make(work: Work) -> list[Made]:
    found: list[_Found] = []
    for file in work.files:
        columns = work.columns(file, ALIASES)
        type = type_of(columns)
        for row in file.rows:
            try:
                found.append(_read(Cells(row, columns), columns, type or "", file.label))
            except RowRefused as why:
                refuse(work.report, row, why)
    made = await made_of(work, found, "geometry", _entity)
    return await link_same_addresses(made, {item.code for item in found}, work.graph, work.scope)


def _read(cells: Cells, columns: Columns, type: str, label: str) -> _Found:
    id = cells.id(COMMON_ID)
    cells.required(NAME)
    code = _municipality(cells, id, label)
    return _Found(cells, type, id, code, read_place(cells, LATITUDE, LONGITUDE), columns.actual[COMMON_ID] == COMMON_ID)


def _municipality(cells: Cells, id: str, label: str) -> str:
    """By the code column, the 共通ID (a letter, then five digits of the code) or the name; the file's own name comes last."""
    by_id = cells.municipality_code(CODE)
    if not by_id and len(id) == 14 and id[0].isalpha() and is_five_digits(id[1:6]):
        by_id = with_check_digit(id[1:6])
    name = cells.text(MUNICIPALITY)
    named = by_name(name) if name else []
    official = by_code(by_id) if by_id else None
    if official is not None and named and not any(same_place(official, place) for place in named):
        raise cells.refusal(MUNICIPALITY, "municipality-contradiction", by_id=official.full_name, by_name=name)
    if by_id:
        return by_id
    if len(named) == 1:
        return named[0].code
    if is_code(label):
        return label
    raise cells.refusal(MUNICIPALITY, "municipality-unknown")


def _entity(item: _Found) -> Made:
    cells, municipality = item.cells, by_code(item.code)
    flag_column, flag_attribute, link_attribute = OTHER[item.type].flag_column, OTHER[item.type].flag, OTHER[item.type].link
    address = cells.text(ADDRESS)
    attributes: dict[str, Any] = {
        "name": in_japanese(cells.text(NAME)),
        "nameKana": said(cells.text("名称_カナ")),
        "address": said(address),
        "addressNormalized": said(normalized_address(address, municipality)),
        "location": located(item.place.geometry()),
        "municipalityCode": said(item.code),
        "municipalityName": said(_municipality_name(cells, municipality)),
        "commonId": said(item.id),
        "telephone": said(cells.text("電話番号", SYMBOLS)),
        "maxCapacity": said(cells.text("想定収容人数", SYMBOLS)),
        "remarks": said(cells.text("備考", SEVERAL_LINES)),
        "source": NATIONAL if item.national else source(_municipality_name(cells, municipality) or item.code),
        # the flag is set or absent, never false
        flag_attribute: said(cells.flag(flag_column) or None),
    }
    if item.type == EMERGENCY_SITE:
        attributes["designatedFor"] = said([hazard for column, hazard in HAZARDS.items() if cells.flag(column)])
    else:
        attributes["otherMatters"] = said(cells.text("その他市町村長が必要と認める事項", SEVERAL_LINES))
        attributes["acceptedPersons"] = said(cells.text("受入対象者", SEVERAL_LINES))
    made = entity(item.type, f"{item.code}:{item.id}", attributes)
    return Made(made, OWNED | {flag_attribute, link_attribute}, cells.row)


def _municipality_name(cells: Cells, municipality: Municipality | None) -> str:
    return cells.text(MUNICIPALITY) or (municipality.full_name if municipality else "")


def _recognises(file: SourceFile) -> bool:
    return type_of(Columns(file, ALIASES)) is not None


SHELTERS = Importer(
    kind="shelters",
    title={"ja": "避難所・避難場所", "ja-x-easy": "避難（ひなん）する ところ", "en": "Shelters and emergency evacuation sites"},
    help={
        "ja": "国土地理院の指定緊急避難場所・指定避難所（GeoJSON、CSV）。どちらかは列で見分けます。",
        "ja-x-easy": "国土地理院（こくどちりいん）の 避難（ひなん）する ところの ファイル",
        "en": "指定緊急避難場所 and 指定避難所 of 国土地理院 (GeoJSON, CSV); which of the two is told by the columns.",
    },
    recognises=_recognises,
    make=_make,
)
