"""Who may act for whom, by which kind of mandate, and who ends it? The tables, written down once more."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kairo.errors import BadRequestData, ResourceNotFound
from kairo.trust.identity.accounts.account import Account
from kairo.trust.identity.accounts.rules import Status, of_age_at
from kairo.trust.identity.mandates.rules import BY_LAW, Kind, Mandate, check, ends_at, may_end, outlives

NOW = datetime(2026, 11, 22, tzinfo=UTC)
CLERK, TYPES = "staff:clerk", ("Resident", "VitalSigns")
ADULT = Account("a", "resident", "大人", born_on=date(1944, 5, 10))
CHILD = Account("c", "resident", "子", born_on=date(2018, 7, 7))
WARD = replace(ADULT, key="w", has_guardian=True)
PROXY = Account("p", "resident", "代理人", born_on=date(1974, 3, 3))
PEOPLE = {"adult": ADULT, "child": CHILD, "ward": WARD}


def mandate(kind: Kind, person: Account, by: str = CLERK, **more: Any) -> Mandate:
    types = () if kind in BY_LAW else ("VitalSigns",)
    given = Mandate("m", kind, person.key, PROXY.key, NOW, NOW + timedelta(days=30), by, types, "戸籍謄本")
    return replace(given, **more)


# kind, person, recorded by the person herself or by a clerk → may it be made?
@pytest.mark.parametrize(
    ("kind", "person", "by_herself", "by_clerk"),
    [
        (Kind.PARENTAL, "adult", False, False),
        (Kind.PARENTAL, "child", False, True),
        (Kind.PARENTAL, "ward", False, False),
        (Kind.GUARDIAN, "adult", False, False),
        (Kind.GUARDIAN, "child", False, False),
        (Kind.GUARDIAN, "ward", False, True),
        (Kind.FAMILY, "adult", True, True),
        (Kind.FAMILY, "child", False, False),
        (Kind.FAMILY, "ward", False, False),
        (Kind.SUPPORTER, "adult", True, True),
        (Kind.SUPPORTER, "child", False, False),
        (Kind.SUPPORTER, "ward", False, False),
    ],
)
def test_who_may_be_acted_for(kind: Kind, person: str, by_herself: bool, by_clerk: bool) -> None:
    whom = PEOPLE[person]
    for by, allowed in ((whom.principal, by_herself), (CLERK, by_clerk)):
        if allowed:
            check(mandate(kind, whom, by), whom, PROXY, TYPES, NOW)
        else:
            with pytest.raises(BadRequestData):
                check(mandate(kind, whom, by), whom, PROXY, TYPES, NOW)


WRONG: dict[str, dict[str, Any]] = {
    "over before it begins": {"until": NOW},
    "longer than three years": {"until": NOW + timedelta(days=3 * 366 + 1)},
    "no kinds of data": {"types": ()},
    "an unknown kind of data": {"types": ("VitalSigns", "Secret")},
    "nothing seen": {"evidence": " "},
}


@pytest.mark.parametrize("wrong", sorted(WRONG))
def test_what_does_not_fit(wrong: str) -> None:
    with pytest.raises(BadRequestData):
        check(replace(mandate(Kind.FAMILY, ADULT), **WRONG[wrong]), ADULT, PROXY, TYPES, NOW)


def test_the_law_gives_everything_and_is_seen_on_paper() -> None:
    given = mandate(Kind.PARENTAL, CHILD)
    for wrong in (replace(given, types=("VitalSigns",)), replace(given, evidence="")):
        with pytest.raises(BadRequestData):
            check(wrong, CHILD, PROXY, TYPES, NOW)


@pytest.mark.parametrize(
    "proxy",
    [replace(PROXY, born_on=date(2010, 1, 1)), replace(PROXY, has_guardian=True), replace(PROXY, key=ADULT.key)],
    ids=["a minor", "a ward", "herself"],
)
def test_who_may_not_be_a_proxy(proxy: Account) -> None:
    with pytest.raises(BadRequestData):
        check(mandate(Kind.FAMILY, ADULT), ADULT, proxy, TYPES, NOW)


@pytest.mark.parametrize("status", [Status.MOVED_OUT, Status.DEAD, Status.CLOSED])
def test_who_is_gone_is_not_found(status: Status) -> None:
    for person, proxy in ((replace(ADULT, status=status), PROXY), (ADULT, replace(PROXY, status=status))):
        with pytest.raises(ResourceNotFound, match="there is no such resident"):
            check(mandate(Kind.FAMILY, ADULT), person, proxy, TYPES, NOW)


@pytest.mark.parametrize("kind", list(Kind))
def test_who_is_protected_is_not_found_by_others(kind: Kind) -> None:
    whom = {Kind.PARENTAL: CHILD, Kind.GUARDIAN: WARD}.get(kind, ADULT)
    for person, proxy in ((replace(whom, is_protected=True), PROXY), (whom, replace(PROXY, is_protected=True))):
        with pytest.raises(ResourceNotFound, match="there is no such resident"):
            check(mandate(kind, whom), person, proxy, TYPES, NOW)


def test_a_protected_person_still_chooses_for_herself() -> None:
    check(mandate(Kind.FAMILY, ADULT, ADULT.principal), replace(ADULT, is_protected=True), PROXY, TYPES, NOW)


def test_staff_and_things_are_no_residents() -> None:
    with pytest.raises(ResourceNotFound):
        check(mandate(Kind.FAMILY, ADULT), ADULT, replace(PROXY, kind="staff"), TYPES, NOW)


def test_parental_authority_ends_by_itself() -> None:
    assert CHILD.born_on is not None
    of_age = of_age_at(CHILD.born_on)
    assert ends_at(Kind.PARENTAL, CHILD, None, NOW) == of_age
    assert ends_at(Kind.PARENTAL, CHILD, of_age + timedelta(days=900), NOW) == of_age
    assert ends_at(Kind.PARENTAL, CHILD, NOW + timedelta(days=9), NOW) == NOW + timedelta(days=9)
    for kind in (Kind.GUARDIAN, Kind.FAMILY, Kind.SUPPORTER):
        with pytest.raises(BadRequestData):
            ends_at(kind, ADULT, None, NOW)


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize(
    ("who", "wish", "law"),
    [
        ("resident:a", True, False),
        ("resident:p", True, False),
        ("resident:x", False, False),
        ("staff:a", False, False),
        ("anonymous:", False, False),
    ],
)
def test_who_ends_it(kind: Kind, who: str, wish: bool, law: bool) -> None:
    assert may_end(mandate(kind, ADULT), who, is_counter=False) is (law if kind in BY_LAW else wish)
    assert may_end(mandate(kind, ADULT), who, is_counter=True)


@pytest.mark.parametrize("kind", list(Kind))
def test_what_outlives_a_change(kind: Kind) -> None:
    whom = {Kind.PARENTAL: CHILD, Kind.GUARDIAN: WARD}.get(kind, ADULT)
    given = mandate(kind, whom)
    for one in (whom, PROXY):
        assert outlives(given, one)
        assert not outlives(given, replace(one, is_protected=True))
        for status in (Status.MOVED_OUT, Status.DEAD, Status.CLOSED):
            assert not outlives(given, replace(one, status=status))
    assert not outlives(given, replace(PROXY, has_guardian=True))
    turned = outlives(given, replace(whom, has_guardian=not whom.has_guardian))
    assert turned is (kind is Kind.PARENTAL)
