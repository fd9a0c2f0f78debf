"""What does the console declare? Its pages; they stand in no navigation, the administrator's name in the header leads there."""

from kairo.platform.manifests import Manifest
from kairo.services.console import pages

MANIFEST = Manifest(
    name="console",
    title={"ja": "管理", "ja-x-easy": "管理《かんり》", "en": "Console"},
    purpose={
        "ja": "サブスクリプションと、届けられなかった通知を管理します。",
        "ja-x-easy": "お知《し》らせが とどいたか、たしかめます。",
        "en": "Looks after subscriptions and notifications that could not be delivered.",
    },
    routes=(pages.show_subscriptions, pages.act_on_subscription),
)
