"""What does my page declare? The page of a resident, and the list of what is held about them."""

from kairo.platform.manifests import Manifest, Navigation
from kairo.services.mypage import pages

MANIFEST = Manifest(
    name="mypage",
    title={"ja": "マイページ", "ja-x-easy": "わたしの ページ", "en": "My page"},
    purpose={
        "ja": "市が持つ自分の情報と、その使われ方を本人が見ます。",
        "ja-x-easy": "あなたの ことで 市《し》が もって いる ものを、あなたが 見《み》ます。",
        "en": "Residents see what is held about them, and how it is used.",
    },
    routes=(pages.show_mine, pages.show_data),
    own_pages=(
        Navigation(
            "/me/data",
            {"ja": "わたしの情報", "ja-x-easy": "わたしの 情報《じょうほう》", "en": "My data"},
            10,
            about={
                "ja": "市やサービスが持っている、自分や家族の情報を見る",
                "ja-x-easy": "市《し》が もって いる わたしの 情報《じょうほう》を 見《み》る",
                "en": "See what is held about you and your family",
            },
        ),
    ),
)
