"""What does the catalogue declare? Importers and the entity types that they fill, so far as no other part owns them."""

from kairo.platform.manifests import EntityType, Manifest, attributes

SHELTER = {
    "name": "LanguageProperty!",
    "nameKana": "text",
    "address": "text",
    "addressNormalized": "text",
    "location": "Point!",
    "municipalityCode": "text!",
    "municipalityName": "text",
    "commonId": "text!",
    "telephone": "text",
    "maxCapacity": "text",
    "remarks": "text",
    "source": "text",
}
EMERGENCY_EVACUATION_SITE = EntityType(
    type="EmergencyEvacuationSite",
    data_class="open",
    title={
        "ja": "指定緊急避難場所",
        "ja-x-easy": "災害（さいがい）のとき すぐに にげる ところ",
        "en": "Designated emergency evacuation site",
    },
    searchable=("name", "nameKana", "address", "addressNormalized"),
    attributes=attributes(
        **SHELTER, designatedFor="texts", sameAddressAsShelter="boolean", shelterAtSameAddress="Relationship"
    ),
)
EVACUATION_SHELTER = EntityType(
    type="EvacuationShelter",
    data_class="open",
    title={
        "ja": "指定避難所",
        "ja-x-easy": "災害（さいがい）のとき 泊（と）まる ところ",
        "en": "Designated evacuation shelter",
    },
    searchable=("name", "nameKana", "address", "addressNormalized"),
    attributes=attributes(
        **SHELTER,
        otherMatters="text",
        acceptedPersons="text",
        sameAddressAsEmergencySite="boolean",
        emergencySiteAtSameAddress="Relationship",
    ),
)
MANIFEST = Manifest(
    name="catalogue",
    title={"ja": "データの取り込み", "ja-x-easy": "データを 入（い）れる", "en": "Data imports"},
    purpose={
        "ja": "公開データを確かめ、直した箇所と受け付けなかった行を報告して取り込みます。",
        "ja-x-easy": "みんなの データを しらべて 入（い）れます。",
        "en": "Brings public data in, and reports what it repaired and refused, row by row.",
    },
    depends_on=("places",),
    entity_types=(EMERGENCY_EVACUATION_SITE, EVACUATION_SHELTER),
)
