"""What does the emergency release declare? Its page, and the list of 災害対策基本法 49条の10, whose items it releases."""

from kairo.platform.handling import DataCategory, Filing, Texts
from kairo.platform.manifests import Concerns, EntityType, Manifest, attributes
from kairo.trust.emergency import pages


def _texts(ja: str, easy: str, en: str) -> Texts:
    return {"ja": ja, "ja-x-easy": easy, "en": en}


# The items of 49条の10第2項: 氏名, 生年月日, 性別, 住所又は居所, 電話番号その他の連絡先, 避難支援等を必要とする事由, その他市町村長が必要と認める事項.
LISTED = ("name", "birthDate", "sex", "address", "telephone", "supportReason", "otherMatters")
SUPPORT_LIST_ENTRY = EntityType(
    "SupportListEntry",
    "personal",
    _texts(
        "避難行動要支援者名簿の記載",
        "にげる ときに 助《たす》けが いる 人《ひと》の 名簿《めいぼ》",
        "Entry of the evacuation support list",
    ),
    attributes=attributes(
        person="Relationship!",
        name="text!",
        birthDate="date",
        sex="text",
        address="text",
        telephone="text",
        supportReason="text",
        otherMatters="text",
        synthetic="boolean",
    ),
    subjects=(Concerns("person", "person"),),
    category=DataCategory.PERSONAL,
    categories={"supportReason": DataCategory.SENSITIVE},
    filing=Filing(
        _texts("防災危機管理課", "防災《ぼうさい》の 課《か》", "Disaster management division"),
        _texts(
            "本人と関係部署から（災害対策基本法49条の10）",
            "あなたと 市《し》の ほかの 課《か》から",
            "From the person and other departments",
        ),
        kept_days=365,
    ),
    listed=frozenset(LISTED),
)

MANIFEST = Manifest(
    name="emergency",
    title=_texts("災害時の緊急提供", "災害《さいがい》の ときの 情報《じょうほう》", "Emergency release"),
    purpose=_texts(
        "災害時に、名簿の情報を期限付きで提供します。二人目の責任者が15分以内に確認しなければ、自動で終わります。",
        "災害《さいがい》の とき、助《たす》ける 人《ひと》に 情報《じょうほう》を わたします。",
        "Gives the list’s data out in a disaster, with an end; without a second officer’s word it ends after 15 minutes.",
    ),
    depends_on=("roles",),
    entity_types=(SUPPORT_LIST_ENTRY,),
    routes=(pages.show_emergency, pages.act_on_emergency),
)
