"""What does identity declare? The pages by which the administrator signs in and out."""

from kairo.platform.manifests import Manifest
from kairo.trust.identity.pages import enter, leave, show_enter

MANIFEST = Manifest(
    name="identity",
    title={"ja": "本人確認", "ja-x-easy": "ログイン", "en": "Identity"},
    purpose={
        "ja": "だれが使っているかを確かめます。",
        "ja-x-easy": "だれが つかっているかを たしかめます。",
        "en": "Finds out who is asking.",
    },
    routes=(show_enter, enter, leave),
)
