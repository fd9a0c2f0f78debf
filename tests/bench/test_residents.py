"""Are as many grants made as is said, and is an answer with too little or too much in it told from the right one?"""

from collections import Counter

import orjson
import pytest

from bench import entities, residents
from bench.answers import PAGE, is_right
from bench.load import KINDS, Asked
from bench.scenarios import SCENARIOS, Scenario

NUMBER = 2000


def test_each_resident_grants_ten_times_to_ten_different_applications() -> None:
    found = list(residents.grants(range(NUMBER), NUMBER))
    assert len({one["id"] for one in found}) == len(found) == NUMBER * residents.GRANTS_EACH
    assert len({(one["subject"], one["principal"]) for one in found}) == len(found)
    assert set(Counter(one["subject"] for one in found).values()) == {residents.GRANTS_EACH}


def test_one_application_has_many_grants_and_one_has_few() -> None:
    grants = Counter(one["principal"] for one in residents.grants(range(NUMBER), NUMBER))
    assert (grants.pop(residents.TO_MANY), grants.pop(residents.TO_FEW)) == (NUMBER, residents.FEW)
    assert len(grants) > 500
    assert max(grants.values()) < NUMBER / 20


def test_residents_in_two_parts_grant_the_same_as_at_once() -> None:
    whole = list(residents.grants(range(NUMBER), NUMBER))
    assert [*residents.grants(range(7), NUMBER), *residents.grants(range(7, NUMBER), NUMBER)] == whole


def test_all_that_was_granted_is_shown_and_nothing_else() -> None:
    assert set(residents.shown(3)) == {"id", "type", *residents.GRANTED}
    assert set(residents.resident(3)) - set(residents.shown(3)) == {residents.WITHHELD}


def page(number: int) -> list[dict[str, object]]:
    return [residents.shown(one) for one in range(number)]


@pytest.mark.parametrize(
    ("kind", "answer", "right"),
    [
        ("retrieve_granted", residents.shown(1), True),
        ("retrieve_granted", residents.resident(1), False),
        ("list_granted", page(PAGE), True),
        ("list_granted", page(PAGE - 1), False),
        ("list_granted", [*page(PAGE - 1), residents.resident(PAGE)], False),
        ("list_few", page(residents.FEW), True),
        ("list_few", page(residents.FEW + 1), False),
        ("list_few", [], False),
        ("list_open", [entities.entity(one) for one in range(PAGE)], True),
        ("list_open", page(PAGE), False),
        ("patch", {}, True),
    ],
)
def test_an_answer_is_right_or_wrong(kind: str, answer: object, right: bool) -> None:
    assert is_right(kind, orjson.dumps(answer)) is right


@pytest.mark.parametrize("one", [one for one in SCENARIOS if one.ungated], ids=lambda one: one.name)
def test_what_is_asked_by_grants_says_who_asks_and_what_it_is_compared_with_does_not(one: Scenario) -> None:
    asked = Asked("host", "root", 2000, 0, 1, many="many-grants", few="few-grants", residents=NUMBER)
    request, ungated = (next(KINDS[name](asked)) for name in (one.name, one.ungated))
    token = b"few-grants" if one.name == "list_few" else b"many-grants"
    assert b"\r\nAuthorization: Bearer " + token + b"\r\n" in request
    assert b"Authorization" not in ungated
