"""Who may say the second word, when? A truth table, and a law: what holds was wanted by two different people, in time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.trust.roles.four_eyes import SAYS, Proposed, Refusal, refusal

NOW = datetime(2026, 4, 1, tzinfo=UTC)
WAITS = Proposed("a", frozenset({"c"}), NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    ("proposed", "by", "may", "expected"),
    [
        (WAITS, "b", True, None),
        (WAITS, "b", False, Refusal.NOT_ALLOWED),
        (WAITS, "a", True, Refusal.PROPOSER),
        (WAITS, "c", True, Refusal.CONCERNED),
        (replace(WAITS, confirm_by=None), "b", True, Refusal.NO_NEED),
        (replace(WAITS, is_confirmed=True), "b", True, Refusal.CONFIRMED),
        (replace(WAITS, is_ended=True), "b", True, Refusal.ENDED),
        (replace(WAITS, confirm_by=NOW), "b", True, Refusal.LATE),
        (replace(WAITS, confirm_by=NOW - timedelta(seconds=1)), "b", True, Refusal.LATE),
        (replace(WAITS, proposed_by="c"), "c", True, Refusal.PROPOSER),
        (replace(WAITS, is_ended=True, is_confirmed=True), "b", True, Refusal.ENDED),
    ],
)
def test_the_table(proposed: Proposed, by: str, may: bool, expected: Refusal | None) -> None:
    assert refusal(proposed, by, NOW, may=may) is expected


PEOPLE = st.sampled_from("abcd")
PROPOSALS = st.builds(
    Proposed,
    PEOPLE,
    st.frozensets(PEOPLE, max_size=2),
    st.one_of(st.none(), st.integers(-60, 60).map(lambda minutes: NOW + timedelta(minutes=minutes))),
    st.booleans(),
    st.booleans(),
)


@given(PROPOSALS, PEOPLE, st.booleans())
def test_it_takes_another_person_who_may_in_time(proposed: Proposed, by: str, may: bool) -> None:
    allowed = refusal(proposed, by, NOW, may=may) is None
    fresh = not (proposed.is_confirmed or proposed.is_ended) and proposed.confirm_by is not None and proposed.confirm_by > NOW
    assert allowed is (may and fresh and by != proposed.proposed_by and by not in proposed.concerned)


def test_each_refusal_has_its_words() -> None:
    assert SAYS.keys() == set(Refusal)
