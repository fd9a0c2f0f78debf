"""What does anonymity declare? Pages for staff, and those on which everybody sees what was published."""

from kairo.platform.manifests import Manifest, Navigation
from kairo.trust.anonymity import api, extract_pages, pages

MANIFEST = Manifest(
    name="anonymity",
    title={"ja": "統計と匿名化", "ja-x-easy": "数《かず》の まとめ", "en": "Statistics and anonymity"},
    purpose={
        "ja": "個人を見分けられない形で、統計と抽出データを作ります。",
        "ja-x-easy": "だれの ことか わからない 形《かたち》で、数《かず》を まとめます。",
        "en": "Makes numbers and extracts from personal data in which nobody can be told from others.",
    },
    routes=(
        pages.show_console,
        pages.act_on_console,
        pages.show_published,
        pages.show_one,
        api.list_published,
        api.get_published,
        extract_pages.show_extracts,
        extract_pages.act_on_extracts,
    ),
    navigation=(
        Navigation(
            pages.OPEN,
            {"ja": "公開している統計", "ja-x-easy": "みんなの 数《かず》の まとめ", "en": "Published statistics"},
            95,
        ),
    ),
    staff_pages=(
        Navigation(
            "/console/statistics",
            {"ja": "統計", "ja-x-easy": "統計《とうけい》", "en": "Statistics"},
            50,
            about={
                "ja": "少人数を明かさない表をつくる",
                "ja-x-easy": "数《かず》の 表《ひょう》を つくる",
                "en": "Tables that tell nothing of small groups",
            },
            power="statistics",
        ),
        Navigation(
            "/console/extracts",
            {"ja": "抽出データ", "ja-x-easy": "データを 出《だ》す", "en": "Extracts"},
            51,
            about={
                "ja": "仮名化した抽出データ",
                "ja-x-easy": "名前《なまえ》の ない データ",
                "en": "Extracts under names of their own",
            },
            power="extracts",
        ),
    ),
)
