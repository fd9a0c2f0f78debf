"""Who lives and works in the demo? Synthetic people, labelled as such; each signs in by one click, and only in the demo.

Their keys follow from their names here, so that loading them again finds them, and other parts' demos may refer to them.
"""

import hashlib
from dataclasses import dataclass
from datetime import date

from kairo.platform.manifests import Texts
from kairo.trust.identity.accounts.account import Account


@dataclass(frozen=True, slots=True)
class Role:
    """One of the demo's people, and what a visitor is told of them before the click."""

    slug: str
    name: str
    kana: str
    about: Texts
    born_on: date | None = None
    household: str | None = None
    district: str | None = None
    department: str | None = None
    has_card: bool = True  # a button stands for them; children sign in nowhere


def key_of(slug: str) -> str:
    """The key of one of the demo's accounts."""
    return hashlib.sha256(f"kairo demo {slug}".encode()).hexdigest()[:16]


def _about(ja: str, easy: str, en: str) -> Texts:
    return {"ja": ja, "ja-x-easy": easy, "en": en}


# fmt: off
ROLES = (
    Role("hanako", "山口 花子", "やまぐち はなこ", _about("一人で暮らす母", "一人《ひとり》で くらす お母《かあ》さん", "a mother who lives alone"),
         date(1944, 5, 10), "hanako", "ato"),
    Role("taro", "山口 太郎", "やまぐち たろう", _about("花子さんの息子", "花子《はなこ》さんの 息子《むすこ》", "Hanako’s son"),
         date(1974, 3, 3), "taro", "ogori"),
    Role("misaki", "湯田 みさき", "ゆだ みさき", _about("二人の子の母", "二人《ふたり》の 子《こ》の お母《かあ》さん", "mother of two"),
         date(1989, 6, 15), "misaki", "yuda"),
    Role("hinata", "湯田 ひなた", "ゆだ ひなた", _about("みさきさんの子", "みさきさんの 子《こ》", "Misaki’s child"),
         date(2018, 7, 7), "misaki", "yuda", has_card=False),
    Role("aoi", "湯田 あおい", "ゆだ あおい", _about("みさきさんの子", "みさきさんの 子《こ》", "Misaki’s child"),
         date(2023, 4, 10), "misaki", "yuda", has_card=False),
    Role("tadashi", "阿東 正", "あとう ただし", _about("畑を耕す人", "畑《はたけ》の しごとを する人《ひと》", "grows vegetables"),
         date(1954, 2, 20), "tadashi", "ato"),
    Role("clerk", "窓口 一郎", "まどぐち いちろう", _about("窓口の職員", "窓口《まどぐち》の 人《ひと》", "clerk at the counter"), department="市民課"),
    Role("nurse", "保健 めぐみ", "ほけん めぐみ", _about("保健師", "保健師《ほけんし》", "public health nurse"), department="健康増進課"),
    Role("officer-1", "防災 守", "ぼうさい まもる", _about("防災担当", "災害《さいがい》の 係《かかり》", "disaster officer"),
         department="防災危機管理課"),
    Role("officer-2", "防災 光", "ぼうさい ひかる", _about("防災担当", "災害《さいがい》の 係《かかり》", "disaster officer"),
         department="防災危機管理課"),
    Role("auditor", "監査 誠", "かんさ まこと", _about("監査担当", "監査《かんさ》の 係《かかり》", "auditor"), department="監査委員事務局"),
)
# fmt: on
CHILDREN = {"hinata": "misaki", "aoi": "misaki"}  # child → who has parental authority


def accounts() -> list[Account]:
    """The demo's people as accounts."""
    return [
        Account(
            key_of(role.slug), "staff" if role.department else "resident", role.name, role.kana, role.born_on, role.district,
            key_of(f"household {role.household}") if role.household else None, role.department,
            login=role.slug if role.department else None, is_synthetic=True, ial=2,
        )
        for role in ROLES
    ]  # fmt: skip
