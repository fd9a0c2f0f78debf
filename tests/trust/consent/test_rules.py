"""May this happen to a consent in this state, and what does it say then? The truth table, and a machine against a plain model."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kairo.errors import BadRequestData, OutOfDate
from kairo.trust.consent import rules
from kairo.trust.consent.rules import Act, Consent, State, Terms
from tests.trust.consent.people import FAMILY, MOTHER, PARTNER, START, purpose

TABLE = """
         ask      give    refuse    change  withdraw   expire
none     asked    given   refused   -       -          -
asked    -        given   refused   -       -          expired
given    -        -       -         given   withdrawn  expired
refused  -        -       -         -       -          -
withdrawn -       -       -         -       -          -
expired  -        -       -         -       -          -
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]
CASES = [(row[0], act, to) for row in ROWS[1:] for act, to in zip(ROWS[0], row[1:], strict=True)]


def consent(state: State, now: datetime = START, **more: Any) -> Consent:
    terms = Terms("digest", ("phone", "n"), now + timedelta(days=10))
    return replace(
        Consent("0" * 16, MOTHER, PARTNER, "watching", state, 1, terms, now, PARTNER, now + timedelta(days=5)), **more
    )


def test_the_table_is_whole() -> None:
    assert {(state, act) for state, act, _ in CASES} == set(product(["none", *State], Act))


@pytest.mark.parametrize(("state", "act", "to"), CASES)
def test_what_may_happen(state: str, act: str, to: str) -> None:
    before = None if state == "none" else State(state)
    assert rules.may(before, Act(act)) is (to != "-")
    if before is None:
        return
    one = consent(before)
    now = START + timedelta(days=20 if act == "expire" else 1)
    if to == "-":
        with pytest.raises(OutOfDate, match=state):
            rules.after(one, Act(act), now)
    else:
        assert rules.after(one, Act(act), now, one.terms).state == to


@pytest.mark.parametrize(("state", "days"), [(State.GIVEN, 10), (State.ASKED, 5)])
def test_it_is_over_at_its_second_and_not_before(state: State, days: int) -> None:
    one, end = consent(state), START + timedelta(days=days)
    tick = timedelta(microseconds=1)
    assert one.at(end - tick) is state
    assert one.at(end) is State.EXPIRED
    with pytest.raises(OutOfDate):
        rules.after(one, Act.EXPIRE, end - tick)
    with pytest.raises(OutOfDate, match="expired"):
        rules.after(one, Act.WITHDRAW if state is State.GIVEN else Act.GIVE, end, one.terms)
    assert rules.after(one, Act.EXPIRE, end).state is State.EXPIRED


@pytest.mark.parametrize(("days", "soon"), [(31, False), (30, True), (1, True)])
def test_its_end_is_announced(days: int, soon: bool) -> None:
    one = consent(State.GIVEN, terms=Terms("d", ("phone",), START + timedelta(days=days)))
    assert one.ends_soon(START) is soon
    assert not replace(one, state=State.WITHDRAWN).ends_soon(START)


@pytest.mark.parametrize(
    ("categories", "days", "within", "says"),
    [
        (("phone",), 1, None, ""),
        (("phone", "n", "plan"), 100, None, ""),
        (("phone",), 101, None, "too far"),
        (("phone",), -1, None, "future"),
        ((), 1, None, "at least one"),
        (("phone", "diary"), 1, None, "'diary'"),
        (("phone", "phone"), 1, None, "twice"),
        (("phone",), 10, (("phone", "n"), 10), ""),
        (("plan",), 10, (("phone", "n"), 10), "'plan'"),
        (("phone",), 11, (("phone", "n"), 10), "too far"),
    ],
)
def test_terms_stay_within_what_is_asked(categories: tuple[str, ...], days: int, within: Any, says: str) -> None:
    asked = None if within is None else Terms("d", within[0], rules.end_after(within[1], START))
    terms = Terms("d", categories, rules.end_after(days, START))
    if says:
        with pytest.raises(BadRequestData, match=says):
            rules.check_terms(terms, FAMILY, START, within=asked)
    else:
        rules.check_terms(terms, FAMILY, START, within=asked)


def test_the_last_day_is_a_day_in_japan() -> None:
    just_before_midnight = datetime(2026, 11, 22, 14, 59, 59, tzinfo=UTC)
    assert rules.end_after(0, just_before_midnight) == datetime(2026, 11, 22, 15, tzinfo=UTC)
    assert rules.end_day(rules.end_after(3, just_before_midnight)).isoformat() == "2026-11-25"


def test_categories_stand_in_the_order_of_the_text() -> None:
    assert rules.ordered(["plan", "diary", "phone"], FAMILY) == ("phone", "plan", "diary")


def test_a_consent_in_force_has_one_grant_a_category_and_reader() -> None:
    one = consent(State.GIVEN, terms=Terms("d", ("phone", "plan"), START + timedelta(days=1)))
    found = rules.grants_of(one, purpose("watching", "application"), ["staff:1", "staff:2"])
    assert [(grant.principal, grant.types, grant.attributes) for grant in found] == [
        ("staff:1", ("Resident",), ("phone",)),
        ("staff:2", ("Resident",), ("phone",)),
        ("staff:1", ("Plan",), None),
        ("staff:2", ("Plan",), None),
    ]
    assert {(grant.subject, grant.basis, grant.purpose, grant.until) for grant in found} == {
        (MOTHER, f"consent:{one.id}", "watching", one.terms.until)
    }
    assert len({grant.id for grant in found}) == 4
    assert not rules.grants_of(replace(one, state=State.WITHDRAWN), FAMILY, ["staff:1"])


CATEGORIES = st.sets(st.sampled_from(["phone", "n", "plan"]), min_size=1)


class ConsentMachine(RuleBasedStateMachine):
    """Acts in any order; the model knows only who said yes to what, and when that ends."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.consent: Consent | None = None
        self.says_yes_to: frozenset[str] = frozenset()
        self.ends = START
        self.is_open = True

    def terms(self, categories: set[str], days: int) -> Terms:
        return Terms("d", rules.ordered(categories, FAMILY), self.now + timedelta(days=days))

    def act(self, act: Act, terms: Terms | None = None) -> bool:
        assert self.consent is not None
        try:
            self.consent = rules.after(self.consent, act, self.now, terms)
        except OutOfDate:
            return False
        return True

    @initialize(is_asked=st.booleans(), categories=CATEGORIES, days=st.integers(1, 9))
    def begin(self, is_asked: bool, categories: set[str], days: int) -> None:
        terms = self.terms(categories, days)
        state = State.ASKED if is_asked else State.GIVEN
        self.consent = consent(state, self.now, terms=terms)
        if not is_asked:
            self.says_yes_to, self.ends = frozenset(categories), terms.until
        else:
            self.ends = self.consent.answer_by or self.now

    @rule(hours=st.integers(0, 60))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(categories=CATEGORIES, days=st.integers(1, 9))
    def give(self, categories: set[str], days: int) -> None:
        terms = self.terms(categories, days)
        was_waiting = self.is_open and not self.says_yes_to and self.now < self.ends
        assert self.act(Act.GIVE, terms) is was_waiting
        if was_waiting:
            self.says_yes_to, self.ends = frozenset(categories), terms.until

    @rule(categories=CATEGORIES, days=st.integers(1, 9))
    def change(self, categories: set[str], days: int) -> None:
        terms = self.terms(categories, days)
        was_given = self.is_open and bool(self.says_yes_to) and self.now < self.ends
        assert self.act(Act.CHANGE, terms) is was_given
        if was_given:
            self.says_yes_to, self.ends = frozenset(categories), terms.until

    @rule()
    def refuse(self) -> None:
        was_waiting = self.is_open and not self.says_yes_to and self.now < self.ends
        assert self.act(Act.REFUSE) is was_waiting
        self.is_open = self.is_open and not was_waiting

    @rule()
    def withdraw(self) -> None:
        was_given = self.is_open and bool(self.says_yes_to) and self.now < self.ends
        assert self.act(Act.WITHDRAW) is was_given
        self.is_open = self.is_open and not was_given

    @rule()
    def expire(self) -> None:
        is_over = self.is_open and self.now >= self.ends
        assert self.act(Act.EXPIRE) is is_over
        self.is_open = self.is_open and not is_over

    @precondition(lambda self: self.consent is not None)
    @invariant()
    def it_holds_what_was_agreed_to_and_nothing_else(self) -> None:
        assert self.consent is not None
        holds = self.is_open and bool(self.says_yes_to) and self.now < self.ends
        assert (self.consent.at(self.now) is State.GIVEN) is holds
        if holds:
            assert set(self.consent.terms.categories) == self.says_yes_to
            assert self.consent.since <= self.now < self.consent.terms.until == self.ends


TestConsentMachine = ConsentMachine.TestCase
TestConsentMachine.settings = settings(max_examples=60, deadline=None, database=None)
