"""Which numbers may be told, so that nobody learns of a group that it is small? Secondary suppression with a proof for each group.

The rule: of every group of fewer than k persons that all told numbers together can tell apart, empty groups among them, nobody may be
certain that it is small. That is so while a population fits all that was told, ever, and has k persons in that group (reckoning.py).
What holds for the finest groups holds for their unions: whoever is in doubt about a part is in doubt about the whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kairo.errors import TooComplexQuery
from kairo.trust.anonymity.groups import Atoms, Group
from kairo.trust.anonymity.reckoning import Populations


@dataclass(frozen=True, slots=True)
class Number:
    """How many persons a group has, or had when that was told."""

    group: Group
    persons: int


@dataclass(frozen=True, slots=True)
class Doubt:
    """A group that has to be thought to have at least so many persons: which atoms, how many."""

    atoms: NDArray[np.bool_]
    persons: int


def doubts_of(atoms: Atoms, told: Sequence[Number], k: int) -> list[Doubt]:
    """The finest groups that are small. Protected persons make no group large: where they alone do, the doubt has to go k beyond.

    Where what was told is no longer quite so, all of them: what follows from former numbers may make small what is large by now.
    """
    is_as_told = all(atoms.count(one.group) == one.persons for one in told)
    found = []
    for at in np.flatnonzero(atoms.open_persons < k) if is_as_told else range(len(atoms.persons)):
        here = int(atoms.persons[at])
        mine = np.zeros(len(atoms.persons), dtype=bool)
        mine[at] = True
        found.append(Doubt(mine, here + k if here >= k > atoms.open_persons[at] else k))
    return found


def to_withhold(
    atoms: Atoms, told: Sequence[Number], asked: Sequence[Number], doubts: Sequence[Doubt], most_cells: int = 20_000_000
) -> set[int]:
    """Which of the numbers asked for must not be told, beside all that was told already, so that every doubt stays.

    Numbers in `asked` are all large enough by themselves. Of those that stand in the way the one with the most conditions goes, and
    the smallest of those: totals are of more use than single cells. Raises TooComplexQuery beyond `most_cells` of the reckoning.
    """
    if not doubts:
        return set()
    member = np.array([atoms.row(one.group) for one in (*told, *asked)], dtype=bool).reshape(-1, len(atoms.persons))
    signs = np.vstack([member, [doubt.atoms for doubt in doubts if doubt.atoms.sum() > 1] or member[:0]])
    # Atoms in the same rows are as one: whoever may be in the one may be in the other.
    columns, column_of = np.unique(signs, axis=1, return_inverse=True)
    column_of = column_of.reshape(-1)
    rows = columns[: len(member)]
    if rows.shape[0] * (rows.shape[1] + 2 * len(asked)) > most_cells:
        raise TooComplexQuery(
            "so much was told of this population that one more table cannot be checked",
            detail_ja="この集団についてはすでに多くの表が作られており、新しい表の安全性を確認しきれません。",
            mend="Ask with fewer dimensions, or ask what was asked before.",
            mend_ja="分類を減らすか、以前と同じ集計にしてください。",
        )
    wanted: dict[tuple[int, ...], int] = {}
    for doubt in doubts:
        where = tuple(np.unique(column_of[doubt.atoms]).tolist())
        wanted[where] = max(wanted.get(where, 0), doubt.persons)
    order = sorted(range(len(asked)), key=lambda which: (-len(asked[which].group), asked[which].persons))
    return _Withholding(rows, [one.persons for one in (*told, *asked)], len(told), wanted, order).all()


class _Withholding:
    """Lets go of one number after the other until every doubt has its witness."""

    def __init__(
        self, rows: NDArray[np.bool_], numbers: list[int], told: int, wanted: dict[tuple[int, ...], int], order: list[int]
    ) -> None:
        self._populations = Populations(rows, numbers, range(told, len(numbers)))
        self._groups = list(wanted)
        self._least = np.array(list(wanted.values()))
        self._flat = np.concatenate([np.array(where) for where in self._groups])
        self._starts = np.cumsum([0, *(len(where) for where in self._groups)])[:-1]
        self._rank = {which: at for at, which in enumerate(order)}
        self._proved = np.zeros(len(self._groups), dtype=bool)
        self._gone: set[int] = set()

    def all(self) -> set[int]:
        """What was let go."""
        self._fit()
        for at in range(len(self._groups)):
            while not self._proved[at] and len(self._gone) < len(self._rank):
                for population in self._populations.vertices(self._groups[at]):
                    self._proved |= np.add.reduceat(population[self._flat], self._starts) >= self._least
                    if self._proved[at]:
                        break
                else:
                    self._let_go(self._populations.in_the_way())
        return self._gone

    def _fit(self) -> None:
        while blamed := self._populations.fit():
            self._let_go(blamed)

    def _let_go(self, blamed: list[int]) -> None:
        """Nothing is blamed where only fractions of persons would do; then the next in order goes."""
        which = min(blamed or set(self._rank) - self._gone, key=self._rank.__getitem__)
        self._gone.add(which)
        self._populations.let_go(which)
