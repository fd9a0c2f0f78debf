"""What does the places part declare? The outlines of municipalities and their towns, as open entities."""

from kairo.platform.manifests import EntityType, Manifest, attributes

MUNICIPAL_BOUNDARY = EntityType(
    type="MunicipalBoundary",
    data_class="open",
    title={"ja": "行政区域", "ja-x-easy": "市（し）や町（まち）の はんい", "en": "Municipal boundary"},
    searchable=("name", "nameKana"),
    attributes=attributes(
        name="LanguageProperty!",
        nameKana="text",
        prefectureName="text",
        subprefectureName="text",
        districtName="text",
        municipalityCode="text!",
        location="MultiPolygon!",
        source="text",
    ),
)
TOWN = EntityType(
    type="Town",
    data_class="open",
    title={"ja": "町字", "ja-x-easy": "町（まち）の 名前（なまえ）", "en": "Town"},
    searchable=("name", "nameKana"),
    attributes=attributes(
        name="LanguageProperty!",
        nameKana="text",
        townName="text!",
        koazaName="text",
        municipalityCode="text!",
        municipalityName="text",
        location="Point!",
        source="text",
    ),
)
MANIFEST = Manifest(
    name="places",
    title={"ja": "場所", "ja-x-easy": "場所（ばしょ）", "en": "Places"},
    purpose={
        "ja": "市区町村コード、行政区域、町字、住所の表記をそろえます。",
        "ja-x-easy": "住所（じゅうしょ）や 場所（ばしょ）の 名前（なまえ）を そろえます。",
        "en": "Municipality codes, boundaries, towns, and addresses written one way.",
    },
    entity_types=(MUNICIPAL_BOUNDARY, TOWN),
)
