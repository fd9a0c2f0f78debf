"""Which sums may be told beside the counts? None that one person dominates, and none from which such a one follows.

A sum is told only where the count of the same group is, so what keeps small groups in doubt keeps their sums in doubt: the witness of the
counts, mixed in, gives other sums that fit. What is added here is dominance: a person with more than half of a sum could be read off it.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from kairo.trust.anonymity.groups import Atoms, Counted, Group
from kairo.trust.anonymity.releasing import Kept, Outcome
from kairo.trust.anonymity.suppression import Doubt, Number, to_withhold


class Amounts:
    """What the persons of each atom have together."""

    def __init__(self, atoms: Atoms, counted: Counted, at: int) -> None:
        """`at`: where the measure stands among the values."""
        self._atoms = atoms
        size = len(atoms.persons)
        self._sums, self._sizes, self._largest = ([0.0] * size for _ in range(3))
        for values, (many, _) in counted.items():
            amount = values[at]
            if not isinstance(amount, str):
                atom = atoms.place[values]
                self._sums[atom] += amount * many
                self._sizes[atom] += abs(amount) * many
                self._largest[atom] = max(self._largest[atom], abs(amount))

    def of(self, row: NDArray[np.bool_]) -> float:
        """The sum of these atoms."""
        return sum(self._sums[atom] for atom in np.flatnonzero(row))

    def is_dominated(self, row: NDArray[np.bool_]) -> bool:
        """Whether one person has more than half of it."""
        atoms = np.flatnonzero(row)
        return max((self._largest[atom] for atom in atoms), default=0.0) * 2 > sum(self._sizes[atom] for atom in atoms)


def sums_of(
    atoms: Atoms, amounts: Amounts, outcome: Outcome, ledger: Mapping[Group, Kept], told: Mapping[Group, float], k: int
) -> dict[Group, float | None]:
    """The sum of each group that the outcome speaks of, None for those withheld. `told`: sums that were told before."""
    found: dict[Group, float | None] = {}
    standing = {group: ledger[group].persons for group in told if group in ledger and group not in outcome.retired}
    asked: list[Number] = []
    doubts = [Doubt(row, int(atoms.persons[row].sum()) + k) for row in _dominated_atoms(atoms, amounts, k)]
    for group, persons in outcome.told.items():
        found[group] = None
        if persons is None:
            continue
        is_new = group in outcome.ledger
        if not is_new and group in standing:
            found[group] = told[group]
        elif amounts.is_dominated(atoms.row(group)):
            doubts.append(Doubt(atoms.row(group), persons + k))
        elif is_new or persons == atoms.count(group):  # else the sum would be today's, and the count one of before
            asked.append(Number(group, persons))
    rows = [Number(group, persons) for group, persons in standing.items() if group not in outcome.ledger]
    withheld = to_withhold(atoms, rows, asked, doubts)
    for which, number in enumerate(asked):
        found[number.group] = None if which in withheld else amounts.of(atoms.row(number.group))
    return found


def _dominated_atoms(atoms: Atoms, amounts: Amounts, k: int) -> list[NDArray[np.bool_]]:
    rows = (np.arange(len(atoms.persons)) == atom for atom in np.flatnonzero(atoms.persons >= k))
    return [row for row in rows if amounts.is_dominated(row)]
