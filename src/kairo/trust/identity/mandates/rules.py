"""Who may act for whom, how far, until when, and who ends it? Pure: the time is passed in.

Full representation is by law alone: of a child by who has parental authority (親権, 民法 818条・824条), of a ward by the guardian of
an adult (成年後見人, 民法 859条). Whatever else is the person's own wish, names kinds of data, and has an end. Not read in the
primary text.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kairo.errors import BadRequestData, KairoError, ResourceNotFound
from kairo.trust.identity.accounts.account import Account
from kairo.trust.identity.accounts.rules import Capacity, Status, capacity, of_age_at

LONGEST_BY_WISH = timedelta(days=3 * 366)
LONGEST_GUARDIANSHIP = timedelta(days=5 * 366)


class Kind(StrEnum):
    """Kinds of mandate."""

    PARENTAL = "parental"  # 親権者
    GUARDIAN = "guardian"  # 成年後見人
    FAMILY = "family"  # 家族
    SUPPORTER = "supporter"  # 支援者


BY_LAW = frozenset({Kind.PARENTAL, Kind.GUARDIAN})


@dataclass(frozen=True, slots=True)
class Mandate:
    """A recorded mandate: `proxy` acts for `person` (keys of accounts). `types`: the kinds of data that it covers; empty where it is
    by law and covers all. `recorded_by`: a principal; `evidence`: what was seen at the counter, in the clerk's words."""

    id: str
    kind: Kind
    person: str
    proxy: str
    since: datetime
    until: datetime
    recorded_by: str
    types: tuple[str, ...] = ()
    evidence: str = ""
    created_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None

    def in_force(self, now: datetime) -> bool:
        """Whether it counts at this moment."""
        return self.ended_at is None and self.since <= now < self.until


def unknown() -> KairoError:
    """What is said of whoever may not be found, dead, moved out or protected: the same words as of nobody."""
    return ResourceNotFound("there is no such resident", detail_ja="該当する方は見つかりません。")


def check(mandate: Mandate, person: Account, proxy: Account, known_types: Collection[str], now: datetime) -> None:
    """Raises where this mandate may not be made now: ResourceNotFound for people who may not be found, else BadRequestData."""
    by_herself = mandate.recorded_by == person.principal
    if any(one.kind != "resident" or one.status is not Status.ACTIVE for one in (person, proxy)):
        raise unknown()
    if proxy.is_protected or (person.is_protected and not by_herself):
        raise unknown()
    if person.key == proxy.key:
        raise _refused("nobody is their own proxy", "ご本人を代理人にすることはできません。")
    if mandate.until <= max(now, mandate.since):
        raise _refused("a mandate ends after it begins, and not in the past", "終わりの日は、始まりより後にしてください。")
    if capacity(proxy.born_on, now, has_guardian=proxy.has_guardian) is not Capacity.FULL:
        raise _refused("a proxy is of age and has no guardian", "代理人は、成年で、後見を受けていない方に限ります。")
    _check_kind(mandate, capacity(person.born_on, now, has_guardian=person.has_guardian), known_types, by_herself=by_herself)


def _check_kind(mandate: Mandate, of_person: Capacity, known_types: Collection[str], *, by_herself: bool) -> None:
    needed = {Kind.PARENTAL: Capacity.MINOR, Kind.GUARDIAN: Capacity.WARD}.get(mandate.kind, Capacity.FULL)
    if of_person is not needed:
        raise _refused(
            f"a mandate of kind {mandate.kind} is not for someone who is {of_person}",
            "この種類の代理は、この方には登録できません。",
        )
    if mandate.kind in BY_LAW:
        if by_herself or not mandate.evidence.strip():
            raise _refused(
                "what the law gives is recorded at the counter, with what was seen there",
                "法定代理は、窓口で書類を確認して登録します。確認した書類を入力してください。",
            )
        if mandate.types:
            raise _refused("what the law gives covers all data", "法定代理は、すべての情報が対象です。")
    else:
        if not mandate.types or not set(mandate.types) <= set(known_types):
            raise _refused("choose which kinds of data it covers", "対象とする情報を選んでください。")
        if not by_herself and not mandate.evidence.strip():
            raise _refused("say which paper the person signed", "本人が署名した書類を入力してください。")
    longest = LONGEST_GUARDIANSHIP if mandate.kind is Kind.GUARDIAN else LONGEST_BY_WISH
    if mandate.kind is not Kind.PARENTAL and mandate.until - mandate.since > longest:
        raise _refused(f"at the longest {longest.days} days", f"期間は最長{longest.days}日です。")


def ends_at(kind: Kind, person: Account, asked: datetime | None, now: datetime) -> datetime:
    """When a mandate ends: parental authority by itself as the child comes of age, whatever was asked for."""
    if kind is Kind.PARENTAL and person.born_on is not None:
        of_age = of_age_at(person.born_on)
        return min(asked, of_age) if asked is not None else of_age
    if asked is None:
        raise _refused("say when it ends", "いつまでかを入力してください。")
    return asked


def may_end(mandate: Mandate, principal: str, *, is_counter: bool) -> bool:
    """Whether this principal may end it: the person and the proxy what was the person's wish; the counter any."""
    if is_counter:
        return True
    return mandate.kind not in BY_LAW and principal in {f"resident:{mandate.person}", f"resident:{mandate.proxy}"}


def outlives(mandate: Mandate, account: Account) -> bool:
    """Whether a mandate goes on after its person or its proxy has changed to this: nobody acts for or in place of who is dead, has
    gone or is protected now; a guardian no longer once guardianship is over."""
    if account.status is not Status.ACTIVE or account.is_protected:
        return False
    if account.key == mandate.person:
        return account.has_guardian is (mandate.kind is Kind.GUARDIAN) or mandate.kind is Kind.PARENTAL
    return not account.has_guardian


def _refused(detail: str, detail_ja: str) -> BadRequestData:
    return BadRequestData(detail, detail_ja=detail_ja)
