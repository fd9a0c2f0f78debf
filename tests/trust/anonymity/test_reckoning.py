"""Is the reckoning exact? Against all whole-numbered populations, counted one by one, and on tables that are known by heart."""

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kairo.errors import TooComplexQuery
from kairo.trust.anonymity.groups import Atoms, Domain, Part, atoms_of, group_from, group_of, key_of
from kairo.trust.anonymity.reckoning import Populations
from kairo.trust.anonymity.suppression import Number, doubts_of, to_withhold


def most(rows: np.ndarray, numbers: Sequence[int], column: int) -> int:
    """By trying all populations of a few persons each."""
    found = -1
    for population in itertools.product(range(max(numbers) + 1), repeat=rows.shape[1]):
        if (rows.astype(int) @ population == numbers).all():
            found = max(found, population[column])
    return found


tables = st.integers(2, 4).flatmap(
    lambda width: st.tuples(
        st.lists(st.lists(st.booleans(), min_size=width, max_size=width), min_size=1, max_size=4),
        st.lists(st.integers(0, 4), min_size=width, max_size=width),
    )
)


@given(tables, st.integers(0, 3))
@settings(max_examples=200, deadline=None)
def test_the_most_is_found_and_every_witness_fits(table: tuple[list[list[bool]], list[int]], column: int) -> None:
    """Columns that no row bounds are set aside: the attacker's own count would not end."""
    rows, truth = np.array(table[0], dtype=bool), table[1]
    rows, kept = rows[:, rows.any(axis=0)], np.array(table[0], dtype=bool).any(axis=0)
    if not kept.any():
        return
    numbers = [int(number) for number in rows.astype(int) @ np.array(truth)[kept]]
    column %= rows.shape[1]
    populations = Populations(rows, numbers, [])
    assert populations.fit() == []
    witnesses = list(populations.vertices([column]))
    for one in witnesses:
        assert (one >= 0).all()
        assert (rows.astype(int) @ one == numbers).all()
    assert max((int(one[column]) for one in witnesses), default=-1) <= most(rows, numbers, column)
    if len(rows) <= 2:  # such sums have whole-numbered corners: nothing may be missed
        assert max(int(one[column]) for one in witnesses) == most(rows, numbers, column)


def test_a_number_that_contradicts_others_is_to_blame() -> None:
    rows = np.array([[True, True], [True, False], [False, True]])
    populations = Populations(rows, [10, 4, 4], [2])
    assert populations.fit() == [0]
    populations.let_go(0)
    assert populations.fit() == []


def two_ways(cells: list[list[int]]) -> tuple[Atoms, list[tuple[str, Number]]]:
    """A table with its totals; its numbers with their names (`ab`: row a, column b; `*`: total)."""
    rows, columns = ("ab"[: len(cells)]), ("xyz"[: len(cells[0])])
    domains = {"row": Domain(tuple(f"={one}" for one in rows)), "column": Domain(tuple(f"={one}" for one in columns))}
    counted: dict[tuple[str | float, ...], tuple[int, int]] = {
        (f"={a}", f"={b}"): (n, n) for a, line in zip(rows, cells, strict=True) for b, n in zip(columns, line, strict=True)
    }
    groups = {
        a + b: group_of(
            *([Part("row", "in", (f"={a}",))] if a != "*" else []), *([Part("column", "in", (f"={b}",))] if b != "*" else [])
        )
        for a in rows + "*"
        for b in columns + "*"
    }
    atoms = atoms_of(groups.values(), domains, counted, 1000)
    return atoms, [(name, Number(group, atoms.count(group))) for name, group in groups.items()]


def withheld(cells: list[list[int]], k: int) -> set[str]:
    """The cells that are not told: those that are small, and those that go with them."""
    atoms, numbers = two_ways(cells)
    asked = [(name, one) for name, one in numbers if one.persons >= k]
    gone = to_withhold(atoms, [], [one for _, one in asked], doubts_of(atoms, [], k))
    return {name for name, one in numbers if one.persons < k} | {asked[which][0] for which in gone}


def test_nothing_is_withheld_without_need() -> None:
    assert withheld([[20, 30, 40], [50, 60, 70]], 10) == set()


def test_one_small_cell_takes_three_others_with_it() -> None:
    """A square is the least: with fewer the small cell is a difference of what is told. Totals stay."""
    gone = withheld([[3, 30, 40], [50, 60, 70]], 10)
    assert "ax" in gone
    assert len(gone) == 4
    assert not [name for name in gone if "*" in name]


def test_two_small_cells_that_hide_each_other_need_enough_between_them() -> None:
    """4 and 5 in one column: their sum, 9, would say that both are small."""
    gone = withheld([[4, 30], [5, 30]], 10)
    assert "*x" in gone
    assert "**" not in gone or "*y" not in gone


def test_a_group_is_its_key() -> None:
    group = group_of(Part("b", "out", ("=1", "?")), Part("a", "range", (), 5.0), Part("c", "in", ('="漢',)))
    assert group_from(key_of(group)) == group
    assert key_of(group_of(*reversed(group))) == key_of(group)


def test_there_is_an_end_to_what_is_checked() -> None:
    atoms, numbers = two_ways([[3, 30, 40], [50, 60, 70]])
    with pytest.raises(TooComplexQuery):
        to_withhold(atoms, [], [one for _, one in numbers], doubts_of(atoms, [], 10), most_cells=10)
    with pytest.raises(TooComplexQuery):
        two = {"a": Domain(("=1", "=2"))}
        atoms_of([group_of(Part("a", "in", ("=1",)))], two, {}, 1)
