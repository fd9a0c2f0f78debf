"""Which step may follow which, and on which articles does a decision stand? All pairs."""

import pytest

from kairo.errors import BadRequestData, OutOfDate
from kairo.trust.rights.cases.rules import REASONS, Act, Kind, State, after, check_decision, checked_text

DECIDES = {Act.GRANT: State.GRANTED, Act.PARTLY: State.PARTLY, Act.REFUSE: State.REFUSED, Act.WITHDRAW: State.WITHDRAWN}
# What follows, by state and by whether the time was extended before; whatever is not here is refused.
FOLLOWS = {
    **{(State.RECEIVED, False, act): state for act, state in DECIDES.items()},
    **{(State.COMPLETING, extended, act): state for act, state in DECIDES.items() for extended in (False, True)},
    **{(State.EXTENDED, True, act): state for act, state in DECIDES.items()},
    (State.RECEIVED, False, Act.ASK): State.COMPLETING,
    (State.RECEIVED, False, Act.EXTEND): State.EXTENDED,
    (State.EXTENDED, True, Act.ASK): State.COMPLETING,
    (State.COMPLETING, False, Act.COMPLETE): State.RECEIVED,
    (State.COMPLETING, True, Act.COMPLETE): State.EXTENDED,
}
POSSIBLE = {State.RECEIVED: (False,), State.EXTENDED: (True,)}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("act", Act)
def test_what_follows(state: State, act: Act) -> None:
    for extended in POSSIBLE.get(state, (False, True)):
        if (state, extended, act) in FOLLOWS:
            assert after(state, act, was_extended=extended) is FOLLOWS[state, extended, act]
        else:
            with pytest.raises(OutOfDate):
                after(state, act, was_extended=extended)


@pytest.mark.parametrize("kind", Kind)
def test_a_refusal_names_articles_of_its_kind_and_a_grant_none(kind: Kind) -> None:
    for act in (Act.PARTLY, Act.REFUSE):
        check_decision(kind, act, REASONS[kind])
        for wrong in ((), ("1条",), (*REASONS[kind], "1条")):
            with pytest.raises(BadRequestData):
                check_decision(kind, act, wrong)
    check_decision(kind, Act.GRANT, ())
    with pytest.raises(BadRequestData):
        check_decision(kind, Act.GRANT, REASONS[kind][:1])


@pytest.mark.parametrize("text", ["", "  ", "x" * 2001, "a\0b"])
def test_texts_that_are_refused(text: str) -> None:
    with pytest.raises(BadRequestData):
        checked_text(text)
    assert checked_text(" x ") == "x"
