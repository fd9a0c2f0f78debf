"""What does the portal declare? Its pages, and their places in the navigation."""

from kairo.platform.manifests import EntityType, Manifest, Navigation, attributes
from kairo.services.portal import api, pages

MANIFEST = Manifest(
    name="portal",
    title={"ja": "ポータル", "ja-x-easy": "入口《いりぐち》", "en": "Portal"},
    purpose={
        "ja": "地図、検索、今の値から、まちのことが分かる入口です。",
        "ja-x-easy": "地図《ちず》や 検索《けんさく》で、まちの ことが わかります。",
        "en": "The way in: the map, search and current values of the city.",
    },
    depends_on=("search", "sensing", "places", "catalogue"),
    entity_types=(
        EntityType(
            "DataLoad",
            "open",
            {"ja": "データの取り込み", "ja-x-easy": "データの とりこみ", "en": "Load of data"},
            attributes=attributes(digest="text!"),
        ),
    ),
    routes=(
        pages.show_home,
        pages.show_map,
        pages.show_values,
        pages.show_search,
        pages.show_entity,
        pages.show_types,
        api.list_schemas,
        api.show_schema,
        api.show_context,
        pages.show_about,
        pages.show_accessibility,
    ),
    navigation=(
        Navigation("/map", {"ja": "地図", "ja-x-easy": "地図《ちず》", "en": "Map"}, 10),
        Navigation("/current-values", {"ja": "今の値", "ja-x-easy": "今《いま》の 数字《すうじ》", "en": "Current values"}, 15),
        Navigation("/about", {"ja": "このサイトについて", "ja-x-easy": "この サイトに ついて", "en": "About this site"}, 90),
        Navigation(
            "/accessibility",
            {"ja": "アクセシビリティ方針", "ja-x-easy": "だれでも 使《つか》える ように", "en": "Accessibility statement"},
            91,
        ),
    ),
)
