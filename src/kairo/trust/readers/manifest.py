"""What do readers declare? The pages that say who may see something, and why."""

from kairo.platform.manifests import Manifest, Navigation
from kairo.trust.readers import pages

MANIFEST = Manifest(
    name="readers",
    title={"ja": "だれが見られるか", "ja-x-easy": "だれが 見《み》る ことが できるか", "en": "Who may see this"},
    purpose={
        "ja": "個人の情報を、いま、だれが、なぜ、いつまで見られるかを示します。",
        "ja-x-easy": "あなたの ことを だれが 見《み》る ことが できるか、わかります。",
        "en": "Shows who may read personal data now, why, and until when.",
    },
    depends_on=("roles",),
    routes=(pages.show_readers, pages.show_my_readers),
    own_pages=(
        Navigation(
            "/me/who-may-see",
            {
                "ja": "わたしの情報を見られる人",
                "ja-x-easy": "わたしの ことを 見《み》る ことが できる 人《ひと》",
                "en": "Who may see my data",
            },
            40,
            about={
                "ja": "いま、だれが、なぜ、いつまで見られるか",
                "ja-x-easy": "いま だれが、どうして、いつまで 見《み》られるか",
                "en": "Who may see what now, why, and until when",
            },
        ),
    ),
)
