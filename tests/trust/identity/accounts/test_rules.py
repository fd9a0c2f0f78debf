"""What may happen to an account in which state, and when is someone of age? The whole table, written down once more."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.errors import BadRequestData
from kairo.platform.clock import TOKYO
from kairo.trust.identity.accounts.rules import (
    Capacity,
    Event,
    State,
    Status,
    after,
    age,
    born,
    capacity,
    is_shown_in_graph,
    may_happen,
    may_sign_in,
    name_key,
    of_age_at,
)

# of a resident: status, has a guardian? → event → status, has a guardian?
TABLE = """
active    -  moved_out          moved_out -
active    -  died               dead      -
active    -  closed             closed    -
active    -  guardianship_began active    g
active    g  moved_out          moved_out g
active    g  died               dead      g
active    g  closed             closed    g
active    g  guardianship_ended active    -
moved_out -  moved_in           active    -
moved_out -  died               dead      -
moved_out -  closed             closed    -
moved_out -  guardianship_began moved_out g
moved_out g  moved_in           active    g
moved_out g  died               dead      g
moved_out g  closed             closed    g
moved_out g  guardianship_ended moved_out -
dead      -  corrected          active    -
dead      g  corrected          active    g
closed    -  corrected          active    -
closed    g  corrected          active    g
"""
ALLOWED = {
    (Status(a), b == "g", Event(event)): (Status(c), d == "g")
    for a, b, event, c, d in (line.split() for line in TABLE.split("\n") if line)
}


@pytest.mark.parametrize(("status", "has_guardian", "event"), list(product(Status, (False, True), Event)))
def test_what_may_happen_to_a_resident(status: Status, has_guardian: bool, event: Event) -> None:
    state = State("resident", status, has_guardian)
    allowed = ALLOWED.get((status, has_guardian, event))
    assert may_happen(state, event) is (allowed is not None)
    if allowed:
        assert after(state, event) == State("resident", *allowed)
    else:
        with pytest.raises(BadRequestData):
            after(state, event)


@pytest.mark.parametrize("kind", ["staff", "organisation", "application", "device", "system"])
def test_of_others_only_the_end_and_its_correction_are_recorded(kind: str) -> None:
    allowed = {(status, event) for status, event in product(Status, Event) if may_happen(State(kind, status), event)}
    assert allowed == {
        (Status.ACTIVE, Event.CLOSED),
        (Status.MOVED_OUT, Event.CLOSED),
        (Status.DEAD, Event.CORRECTED),
        (Status.CLOSED, Event.CORRECTED),
    }


@pytest.mark.parametrize(
    ("kind", "status", "signs_in"),
    [
        ("resident", Status.ACTIVE, True),
        ("resident", Status.MOVED_OUT, True),
        ("resident", Status.DEAD, False),
        ("resident", Status.CLOSED, False),
        ("staff", Status.ACTIVE, True),
        ("staff", Status.MOVED_OUT, False),
        ("staff", Status.DEAD, False),
        ("staff", Status.CLOSED, False),
    ],
)
def test_who_signs_in_and_of_whom_there_is_an_entity(kind: str, status: Status, signs_in: bool) -> None:
    assert may_sign_in(kind, status) is signs_in
    assert is_shown_in_graph(kind, status, is_protected=False) is (signs_in and kind == "resident")
    assert not is_shown_in_graph(kind, status, is_protected=True)


@pytest.mark.parametrize(
    ("born_on", "day"),
    [(date(2008, 4, 1), (2026, 4, 1)), (date(2008, 2, 29), (2026, 3, 1)), (date(2008, 12, 31), (2026, 12, 31))],
)
def test_of_age_as_the_day_begins_in_japan(born_on: date, day: tuple[int, int, int]) -> None:
    moment = datetime(*day, tzinfo=TOKYO)
    assert of_age_at(born_on) == moment
    assert capacity(born_on, moment - timedelta(microseconds=1), has_guardian=False) is Capacity.MINOR
    assert capacity(born_on, moment, has_guardian=False) is Capacity.FULL
    assert capacity(born_on, moment, has_guardian=True) is Capacity.WARD


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_of_age_is_to_be_eighteen(born_on: date) -> None:
    moment = of_age_at(born_on)
    assert age(born_on, moment) == 18
    assert age(born_on, moment - timedelta(seconds=1)) == 17


def test_width_and_spaces_of_a_name_do_not_count_but_old_characters_do() -> None:
    assert name_key("山口　花子") == name_key("山口花子") == name_key(" 山口 花子 ")
    assert name_key("ﾔﾏｸﾞﾁ") == name_key("ヤマグチ")
    assert name_key("渡辺") != name_key("渡邊")


@pytest.mark.parametrize(
    "parts", [("", "", ""), ("2027", "1", "1"), ("1800", "1", "1"), ("1990", "2", "30"), ("x", "1", "1"), ("1" * 500, "1", "1")]
)
def test_no_birth_date(parts: tuple[str, str, str]) -> None:
    with pytest.raises(BadRequestData):
        born(*parts, datetime(2026, 4, 1, tzinfo=UTC))


def test_a_birth_date_in_wide_figures() -> None:
    assert born("１９４４", "５", "１０", datetime(2026, 4, 1, tzinfo=UTC)) == date(1944, 5, 10)
