"""What does search declare? Its name and purpose: which texts are found is said by the entity types of the others."""

from kairo.platform.manifests import Manifest

MANIFEST = Manifest(
    name="search",
    title={"ja": "検索", "ja-x-easy": "さがす", "en": "Search"},
    purpose={
        "ja": "公開されている情報を、表記のゆれ（全角・半角、かな・カナ、異体字）によらずに見つけます。",
        "ja-x-easy": "みんなが 見（み）て いい 情報（じょうほう）を、ことばで さがします。",
        "en": "Finds what is open, however it is written: full or half width, hiragana or katakana, old or new characters.",
    },
)
