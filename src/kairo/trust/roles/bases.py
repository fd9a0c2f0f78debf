"""On which legal basis may personal data be used or given, and which facts does each demand? Named rules with their articles; pure.

個人情報保護法 61条 and 69条, and 災害対策基本法 49条の10, 11 and 14 were read on statute pages (施行 2024-04-01); what was not read in the primary
text says so (`unread`), there and in docs/legal-bases.md. An ordinance is no 法令 of 69条1項: the bracket in 61条1項 counts ordinances for
61条, 66条2項3号・4号 and 69条2項2号・3号 alone. So an ordinance opens only what a statute leaves to it. Demands for an area and an end are the house's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from kairo.platform.handling import Controller


class Recipient(StrEnum):
    """Who gets the data, as the articles tell them apart."""

    OWN = "own"  # the body that holds them
    CONTRACTOR = "contractor"  # 委託先
    BODY = "body"  # another administrative body, independent agency or municipality
    SUPPORTER = "supporter"  # 避難支援等関係者
    SUBJECT = "subject"  # 本人
    OTHER = "other"


class Demand(StrEnum):
    """A fact without which a basis does not hold."""

    CONTROLLER = "controller"
    RECIPIENT = "recipient"
    PURPOSE = "purpose"
    REASON = "reason"
    CITES = "cites"
    DELEGATION = "delegation"
    CONSENT = "consent"
    EXPLAINED = "explained"
    HARM = "harm"
    DISASTER = "disaster"
    LIFE = "life"
    LISTED = "listed"
    AREA = "area"
    END = "end"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is recorded of one use or provision. `area` may be empty (the whole municipality), None: not recorded."""

    controller: Controller = Controller.MUNICIPAL
    recipient: Recipient = Recipient.OWN
    purpose: str = ""
    reason: str = ""
    cites: str = ""  # law or ordinance, with its article
    delegated_by: str = ""  # the clause of a statute that leaves the matter to the ordinance
    consented: bool = False  # each of the persons whom the data are about
    explained: bool = False  # what 49条の14第2項 asks to be explained before the question
    harm_weighed: bool = False  # 69条2項ただし書: no unjust harm to the rights of the person or of others
    in_disaster: bool = False  # 災害が発生し、又は発生するおそれがある
    for_life: bool = False  # 生命又は身体を保護するために特に必要
    only_listed: bool = False  # nothing but items of the list (49条の10第2項) or of the plan (49条の14第3項)
    area: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """One rule. `articles`: for whom it is a rule, and where it stands; `unread`: whose article was not read in the primary text."""

    name: str
    title_ja: str
    title: str
    articles: Mapping[Controller, str]
    recipients: frozenset[Recipient]
    demands: frozenset[Demand]
    unread: frozenset[Controller] = frozenset()


_HOLDS: Final[Mapping[Demand, Callable[[Basis, Facts], bool]]] = {
    Demand.CONTROLLER: lambda basis, facts: facts.controller in basis.articles,
    Demand.RECIPIENT: lambda basis, facts: facts.recipient in basis.recipients,
    Demand.PURPOSE: lambda _, facts: bool(facts.purpose.strip()),
    Demand.REASON: lambda _, facts: bool(facts.reason.strip()),
    Demand.CITES: lambda _, facts: bool(facts.cites.strip()),
    Demand.DELEGATION: lambda _, facts: bool(facts.delegated_by.strip()),
    Demand.CONSENT: lambda _, facts: facts.consented or facts.recipient is Recipient.SUBJECT,
    Demand.EXPLAINED: lambda _, facts: facts.explained,
    Demand.HARM: lambda _, facts: facts.harm_weighed,
    Demand.DISASTER: lambda _, facts: facts.in_disaster,
    Demand.LIFE: lambda _, facts: facts.for_life,
    Demand.LISTED: lambda _, facts: facts.only_listed,
    Demand.AREA: lambda _, facts: facts.area is not None,
    Demand.END: lambda _, facts: facts.until is not None,
}
ALWAYS: Final = (Demand.CONTROLLER, Demand.RECIPIENT)
# What each demand asks to be recorded, for whoever was refused.
DEMANDED: Final[Mapping[Demand, tuple[str, str]]] = {
    Demand.CONTROLLER: ("this basis is not for this kind of controller", "この根拠は、この管理主体には当てはまりません"),
    Demand.RECIPIENT: ("this basis does not cover this recipient", "この根拠では、この相手に提供できません"),
    Demand.PURPOSE: ("record the purpose", "利用目的を記録してください"),
    Demand.REASON: ("record the reason", "理由を記録してください"),
    Demand.CITES: ("name the law or ordinance with its article", "法令・条例の名称と条項を記録してください"),
    Demand.DELEGATION: (
        "name the clause of the statute that leaves this to the ordinance",
        "条例に委任する法律の条項を記録してください",
    ),
    Demand.CONSENT: ("each person's consent must be recorded", "本人全員の同意の記録が必要です"),
    Demand.EXPLAINED: (
        "explain the provision of the plan before asking (49条の14第2項)",
        "計画情報の提供について、先に説明してください",
    ),
    Demand.HARM: (
        "weigh whether anyone's rights are unjustly harmed (69条2項ただし書)",
        "権利利益を不当に侵害しないか確かめてください",
    ),
    Demand.DISASTER: ("a disaster must have happened or be imminent", "災害の発生、または発生のおそれが必要です"),
    Demand.LIFE: ("it must be specially needed to protect life or body", "生命・身体の保護に特に必要であることが条件です"),
    Demand.LISTED: ("only items of the list or plan may go", "名簿・計画の記載事項だけが対象です"),
    Demand.AREA: ("record the area", "区域を記録してください"),
    Demand.END: ("record the end", "終わりの日時を記録してください"),
}

_MUNICIPAL, _PRIVATE = Controller.MUNICIPAL, Controller.PRIVATE
_ANYONE: Final = frozenset(Recipient)
_INSIDE: Final = frozenset({Recipient.OWN, Recipient.CONTRACTOR})
_OUTSIDE: Final = frozenset({Recipient.CONTRACTOR, Recipient.BODY, Recipient.SUPPORTER, Recipient.OTHER})
_SUPPORTER: Final = frozenset({Recipient.SUPPORTER})
_OWN: Final = frozenset({Recipient.OWN})


def _basis(name: str, ja: str, en: str, article: str, whom: frozenset[Recipient], demands: str, *, read: bool = True) -> Basis:
    asked = frozenset(map(Demand, demands.split())) | set(ALWAYS)
    return Basis(name, ja, en, {_MUNICIPAL: article}, whom, asked, frozenset() if read else frozenset({_MUNICIPAL}))


def _of_both(basis: Basis, article: str) -> Basis:
    """A rule that chapter 4 has, too; of that chapter nothing was read in the primary text."""
    return Basis(
        basis.name,
        basis.title_ja,
        basis.title,
        {**basis.articles, _PRIVATE: article},
        basis.recipients,
        basis.demands,
        basis.unread | {_PRIVATE},
    )


_LAW, _DISASTER = "個人情報保護法", "災害対策基本法"
# fmt: off
BASES: Final[Mapping[str, Basis]] = {basis.name: basis for basis in (
    _of_both(_basis("within-purpose", "利用目的の範囲内", "within the purpose", f"{_LAW} 61条", _INSIDE, "purpose"), f"{_LAW} 17条・18条1項"),
    _of_both(_basis("by-law", "法令に基づく場合", "by law", f"{_LAW} 69条1項", _ANYONE, "purpose cites"), f"{_LAW} 18条3項1号・27条1項1号"),
    _basis("69-2-1", "本人の同意、本人への提供", "the person's consent, or to the person", f"{_LAW} 69条2項1号", _ANYONE,
           "purpose consent harm"),
    _basis("69-2-2", "内部利用（相当の理由）", "use inside, with good reason", f"{_LAW} 69条2項2号", _OWN,
           "purpose reason cites harm end"),
    _basis("69-2-3", "他の機関への提供（相当の理由）", "to another body, with good reason", f"{_LAW} 69条2項3号",
           frozenset({Recipient.BODY}), "purpose reason cites harm end"),
    _basis("69-2-4-statistics", "統計の作成・学術研究", "statistics or research alone", f"{_LAW} 69条2項4号", _OUTSIDE,
           "purpose reason harm end"),
    _basis("69-2-4-benefit", "明らかに本人の利益になるとき", "plainly to the person's benefit", f"{_LAW} 69条2項4号", _OUTSIDE,
           "purpose reason harm end"),
    _basis("69-2-4-special", "その他特別の理由", "another special reason", f"{_LAW} 69条2項4号", _OUTSIDE, "purpose reason harm end"),
    _of_both(_basis("consent", "同意（ダイナミックオプトイン）", "consent (dynamic opt-in)", f"{_LAW} 69条2項1号", _ANYONE,
                    "purpose consent end"), f"{_LAW} 18条1項・27条1項"),
    _basis("ordinance", "法律の委任を受けた条例", "ordinance, where a statute leaves it to one", f"{_LAW} 69条1項、委任する法律の条項",
           _ANYONE, "purpose cites delegation end"),
    _basis("disaster-list-making", "名簿の作成のための内部利用", "use inside, to make the list", f"{_DISASTER} 49条の10第3項", _OWN,
           "purpose end", read=False),
    _basis("disaster-list-use", "名簿情報の内部利用", "use of the list inside", f"{_DISASTER} 49条の11第1項", _OWN, "purpose listed end"),
    _basis("disaster-list-before", "平常時の名簿情報の提供（本人の同意）", "the list to supporters before a disaster, by consent",
           f"{_DISASTER} 49条の11第2項", _SUPPORTER, "purpose consent listed end"),
    _basis("disaster-list-ordinance", "平常時の名簿情報の提供（条例の定め）", "the list to supporters before a disaster, by ordinance",
           f"{_DISASTER} 49条の11第2項ただし書", _SUPPORTER, "purpose cites listed end"),
    _basis("disaster-list-emergency", "災害時の名簿情報の提供", "the list in a disaster", f"{_DISASTER} 49条の11第3項", _ANYONE,
           "purpose reason disaster life listed area end"),
    _basis("disaster-plan-making", "個別避難計画の作成", "making an individual evacuation plan", f"{_DISASTER} 49条の14", _INSIDE | _SUPPORTER,
           "purpose consent explained end"),
    _basis("disaster-plan-use", "計画情報の内部利用", "use of plans inside", f"{_DISASTER} 49条の15第1項", _OWN, "purpose listed end", read=False),
    _basis("disaster-plan-before", "平常時の計画情報の提供（同意）", "plans to supporters before a disaster, by consent",
           f"{_DISASTER} 49条の15第2項", _SUPPORTER, "purpose consent listed end", read=False),
    _basis("disaster-plan-ordinance", "平常時の計画情報の提供（条例の定め）", "plans to supporters before a disaster, by ordinance",
           f"{_DISASTER} 49条の15第2項ただし書", _SUPPORTER, "purpose cites listed end", read=False),
    _basis("disaster-plan-emergency", "災害時の計画情報の提供", "plans in a disaster", f"{_DISASTER} 49条の15第3項", _ANYONE,
           "purpose reason disaster life listed area end", read=False),
)}
# fmt: on
# What whoever receives the list or a plan is bound to; these are no bases of their own.
DUTIES: Final = (
    ("49条の12", "名簿情報の提供を受ける者に対し、漏えい防止の措置を求める", "ask recipients of the list to guard it"),
    ("49条の13", "名簿情報の提供を受けた者の秘密保持義務", "recipients of the list keep it secret, also after they left"),
    ("49条の16", "計画情報の提供を受ける者に対し、漏えい防止の措置を求める", "ask recipients of plans to guard them"),
    ("49条の17", "計画情報の提供を受けた者の秘密保持義務", "recipients of plans keep them secret, also after they left"),
)


def check(basis: Basis, facts: Facts) -> tuple[Demand, ...]:
    """The demands of the basis that the facts do not meet, in the order of `Demand`; none: it holds."""
    return tuple(demand for demand in Demand if demand in basis.demands and not _HOLDS[demand](basis, facts))
