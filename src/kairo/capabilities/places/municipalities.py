"""Which municipality has this code or this name? All of Japan's, with district (郡) and kana, from municipalities.csv.

The table was made from Japan Post's postal codes (README.md); names that several municipalities share give several answers.
"""

import csv
import functools
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType

PREFECTURES = tuple(
    "北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県 東京都 神奈川県 新潟県 富山県 "
    "石川県 福井県 山梨県 長野県 岐阜県 静岡県 愛知県 三重県 滋賀県 京都府 大阪府 兵庫県 奈良県 和歌山県 鳥取県 島根県 "
    "岡山県 広島県 山口県 徳島県 香川県 愛媛県 高知県 福岡県 佐賀県 長崎県 熊本県 大分県 宮崎県 鹿児島県 沖縄県".split()
)


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality or a ward of a designated city. `district` is its 郡 (or island), empty for cities."""

    code: str
    prefecture: str
    district: str
    name: str
    kana: str

    @property
    def full_name(self) -> str:
        """As official files write it: 島根県津和野町."""
        return self.prefecture + self.name


@functools.cache
def all_by_code() -> Mapping[str, Municipality]:
    """Every municipality by its six-digit code."""
    text = resources.files("kairo.capabilities.places").joinpath("municipalities.csv").read_text(encoding="utf-8")
    return MappingProxyType(
        {
            row["code"]: Municipality(row["code"], prefecture_of(row["code"]), row["district"], row["name"], row["kana"])
            for row in csv.DictReader(text.splitlines())
        }
    )


def prefecture_of(code: str) -> str:
    """The prefecture's name by the first two digits of a code."""
    return PREFECTURES[int(code[:2]) - 1]


def by_code(code: str) -> Municipality | None:
    """The municipality of today with this code; None for those that were merged away."""
    return all_by_code().get(code)


def by_name(text: str, prefecture: str = "") -> list[Municipality]:
    """Those that are called so: 山口市, 山口県山口市, 鹿足郡津和野町, 島根県鹿足郡津和野町. `prefecture` narrows bare names."""
    found = _names().get(_key(text), [])
    narrowed = [place for place in found if place.prefecture == prefecture]
    return narrowed or list(found)


def same_place(left: Municipality, right: Municipality) -> bool:
    """Whether they are the same, or one is the designated city of which the other is a ward."""
    if left.prefecture != right.prefecture:
        return False
    return left.name.startswith(right.name) or right.name.startswith(left.name)


@functools.cache
def _names() -> dict[str, list[Municipality]]:
    names: dict[str, list[Municipality]] = {}
    for place in all_by_code().values():
        for name in {place.name, place.district + place.name}:
            names.setdefault(_key(name), []).append(place)
            names.setdefault(_key(place.prefecture + name), []).append(place)
    return names


def _key(name: str) -> str:
    # ヶ and ケ stand for one another in names of places
    return "".join(unicodedata.normalize("NFKC", name).split()).replace("ヶ", "ケ")
