"""Can anyone be certain that a group is small, who combines every table that was ever told? An attacker tries all populations."""

import itertools
import os
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kairo.trust.anonymity.groups import Atoms, Domain, Group, Part, atoms_of, group_of
from kairo.trust.anonymity.releasing import Kept, release
from tests.trust.anonymity.attacker import Cell, Question, most

PLACES, STATES = ("north", "south", "west"), ("well", "ill")
CELLS: list[Cell] = list(itertools.product(PLACES, STATES))
DOMAINS = {name: Domain(tuple(f"={one}" for one in values)) for name, values in (("place", PLACES), ("state", STATES))}
K = 3
EXAMPLES = int(os.environ.get("KAIRO_TEST_EXAMPLES", "150"))  # more for a long hunt; CI takes the same ones every time
LONG = settings(max_examples=EXAMPLES, deadline=None, derandomize="KAIRO_TEST_EXAMPLES" not in os.environ)
Conditions = tuple[frozenset[str], frozenset[str]]  # of the places, of the states; all of them: no condition


class City:
    """A population and its ledger, as a service keeps them."""

    def __init__(self, people: list[Cell], protected: int = 0) -> None:
        self.people, self.protected = people, protected  # the first ones are protected
        self.ledger: dict[Group, Kept] = {}
        self.told: dict[Question, int] = {}  # what stands, as the attacker writes it down
        self.asked: set[Question] = set()

    def atoms(self, groups: list[Group]) -> Atoms:
        counted: Counter[Cell] = Counter(self.people)
        hidden: Counter[Cell] = Counter(self.people[: self.protected])
        both: dict[tuple[str | float, ...], tuple[int, int]] = {
            (f"={a}", f"={b}"): (many, many - hidden[a, b]) for (a, b), many in counted.items()
        }
        return atoms_of(groups, DOMAINS, both, 1000)

    def ask(self, table: list[Conditions]) -> dict[Question, int | None]:
        """One table: the numbers of these groups."""
        groups = {group(one): question(one) for one in table}
        outcome = release(self.atoms([*groups, *self.ledger]), self.ledger, list(groups), K)
        for one in outcome.retired:
            del self.ledger[one]
        by_key = {group(one): question(one) for one in ALL}
        self.told = {by_key[one]: kept.persons for one, kept in self.ledger.items() if kept.told and one not in outcome.ledger}
        self.ledger |= outcome.ledger
        self.asked |= set(groups.values())
        for one, number in outcome.told.items():
            if number is not None:
                self.told[groups[one]] = number
        return {groups[one]: number for one, number in outcome.told.items()}

    def count(self, about: Question) -> int:
        return sum(person in about for person in self.people)


def group(conditions: Conditions) -> Group:
    places, states = conditions
    return group_of(
        *([Part("place", "in", tuple(f"={one}" for one in sorted(places)))] if len(places) < len(PLACES) else []),
        *([Part("state", "in", tuple(f"={one}" for one in sorted(states)))] if len(states) < len(STATES) else []),
    )


def question(conditions: Conditions) -> Question:
    return frozenset(itertools.product(*conditions))


def finest(asked: set[Question]) -> list[Question]:
    """The people whom the questions together tell apart."""
    kinds: dict[tuple[bool, ...], set[Cell]] = {}
    for cell in CELLS:
        kinds.setdefault(tuple(cell in one for one in sorted(asked, key=sorted)), set()).add(cell)
    return [frozenset(cells) for cells in kinds.values()]


def check(city: City) -> None:
    """Of no small group that the questions tell apart may the attacker be certain that it is small."""
    groups = finest(city.asked)
    unions = [frozenset().union(*some) for many in (1, 2) for some in itertools.combinations(groups, many)]
    bounds = most(CELLS, city.told, unions)
    for one in unions:
        if city.count(one) < K:
            assert bounds[one] >= K, (sorted(one), city.told, Counter(city.people))


def some_of(of: tuple[str, ...]) -> list[frozenset[str]]:
    return [frozenset(some) for many in range(1, len(of) + 1) for some in itertools.combinations(of, many)]


ALL: list[Conditions] = list(itertools.product(some_of(PLACES), some_of(STATES)))


def nonempty(of: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(of), min_size=1)


people = st.lists(st.sampled_from(CELLS), max_size=14)
conditions = st.tuples(nonempty(PLACES), nonempty(STATES))
tables = st.lists(conditions, min_size=1, max_size=12, unique=True)
EVERY: list[Conditions] = [
    (places, states)
    for places in [*(frozenset([one]) for one in PLACES), frozenset(PLACES)]
    for states in [*(frozenset([one]) for one in STATES), frozenset(STATES)]
]


@given(people)
@LONG
def test_one_table_with_its_totals(crowd: list[Cell]) -> None:
    city = City(crowd)
    told = city.ask(EVERY)
    assert all(number is None or number == city.count(one) >= K for one, number in told.items())
    check(city)


@given(people, st.lists(tables, min_size=2, max_size=4))
@LONG
def test_any_tables_one_after_the_other(crowd: list[Cell], questions: list[list[Conditions]]) -> None:
    """One more filter, overlapping areas, totals of released tables: whatever is asked, in any order."""
    city = City(crowd)
    for one in questions:
        told = city.ask(one)
        assert all(number is None or number == city.count(about) >= K for about, number in told.items())
        check(city)


@given(
    people, st.lists(st.tuples(tables, st.lists(st.sampled_from(CELLS), max_size=4), st.integers(0, 4)), min_size=2, max_size=4)
)
@LONG
def test_people_come_and_go_between_the_tables(crowd: list[Cell], days: list[tuple[list[Conditions], list[Cell], int]]) -> None:
    city = City(crowd)
    for table, coming, going in days:
        city.ask(table)
        check(city)
        city.people = city.people[going:] + coming


@given(people, tables, tables, st.lists(st.sampled_from(CELLS), max_size=K - 1), st.data())
@LONG
def test_fewer_than_k_movers_change_nothing_that_was_told(
    crowd: list[Cell], first: list[Conditions], second: list[Conditions], coming: list[Cell], data: st.DataObject
) -> None:
    """Nobody can tell that anyone moved: the same table is the same, and whatever is told besides fits the city of before."""
    city = City(crowd)
    before = city.ask(first)
    going = data.draw(st.integers(0, min(K - 1 - len(coming), len(crowd))))
    city.people = city.people[going:] + coming
    city.ask(second)
    for about, number in city.ask(first).items():
        assert before[about] is None or number == before[about]
        assert about not in city.told or number is None or number == city.told[about]
    assert not city.told or any(bound >= 0 for bound in most(CELLS, city.told, [frozenset(CELLS)]).values())


@given(people, st.integers(0, 4), tables)
@LONG
def test_protected_persons_make_no_group_large(crowd: list[Cell], protected: int, table: list[Conditions]) -> None:
    city = City(crowd, protected)
    for about, number in city.ask(table).items():
        assert number is None or sum(person in about for person in crowd[protected:]) >= K
    check(city)


def everybody(*places: str) -> Conditions:
    return frozenset(places or PLACES), frozenset(STATES)


def test_one_more_filter() -> None:
    """12 in the north, 11 of them well: who is told both knows of the one who is ill."""
    city = City([("north", "well")] * 11 + [("north", "ill")])
    assert city.ask([everybody("north")]) == {question(everybody("north")): 12}
    assert list(city.ask([(frozenset(["north"]), frozenset(["well"]))]).values()) == [None]


def test_overlapping_areas() -> None:
    """North and south together, then the north alone: the difference is the two of the south."""
    city = City([("north", "well")] * 9 + [("south", "well")] * 2 + [("west", "well")] * 9)
    assert list(city.ask([everybody("north", "south")]).values()) == [11]
    assert list(city.ask([everybody("north")]).values()) == [None]
    assert list(city.ask([everybody("west")]).values()) == [9], "nothing told says anything of the south alone"
    assert list(city.ask([everybody()]).values()) == [20]
    assert list(city.ask([everybody("north", "west")]).values()) == [None], "20 less 18 are the two of the south"


def test_yesterday_and_today() -> None:
    city = City([("north", "well")] * 9)
    assert list(city.ask([everybody("north")]).values()) == [9]
    city.people.append(("north", "ill"))
    assert list(city.ask([everybody("north")]).values()) == [9]
    asked = [(frozenset(["north"]), frozenset([state])) for state in STATES]
    assert list(city.ask(asked).values()) == [None, None], "9 of 9, or 9 and 1: each would say who came"
    city.people += [("north", "ill")] * 2
    assert list(city.ask([everybody("north")]).values()) == [12]


def test_what_follows_from_a_former_number_may_be_small() -> None:
    """Four were told, six there are: with the three of the north it would seem that one alone lives elsewhere."""
    city = City([("north", "well")] * 4)
    assert list(city.ask([everybody()]).values()) == [4]
    city.people = [("north", "well")] * 3 + [("south", "well")] * 3
    assert list(city.ask([everybody("north")]).values()) == [None]


def test_a_group_of_protected_persons_is_no_difference_of_others() -> None:
    city = City([("north", "well")] * 5 + [("south", "well")] * 6, protected=4)
    north, south, every = city.ask([everybody("north"), everybody("south"), everybody()]).values()
    assert north is None
    assert None in (south, every), "11 less 6 are the five of the north"


def test_nobody_is_a_small_group_too() -> None:
    """A zero tells something about everybody: all nine are well."""
    city = City([("north", "well")] * 9 + [("south", "well")] * 4 + [("south", "ill")] * 4)
    told = city.ask(EVERY)
    assert told[frozenset([("north", "ill")])] is None
    assert told[frozenset([("north", "well")])] is None


@pytest.mark.parametrize("size", [0, 1, 2])
def test_too_few_people_are_nothing(size: int) -> None:
    assert set(City([("north", "well")] * size).ask(EVERY).values()) == {None}
