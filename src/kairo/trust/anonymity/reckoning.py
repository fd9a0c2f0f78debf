"""What may the numbers be that were not told? Whoever adds and subtracts what was told knows exactly the populations that fit.

A group is safe while some whole-numbered population fits all that was told and has enough persons in it: a witness. It is sought by
the simplex method in floating point, and then checked in whole numbers: an error of rounding can lose a witness, never invent one.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

_TINY = 1e-9
_ROUND = 1e-6
_FAR = 10_000_000  # persons: how far a population goes where nothing that was told bounds it
_PATIENCE = 40  # pivots without gain, after which the order of columns decides: that cannot go round in a circle


class Populations:
    """All populations (a number ≥ 0 for each column) that fit rows of sums. Rows of `open_rows` hold until they are let go."""

    def __init__(self, rows: NDArray[np.bool_], numbers: Sequence[int], open_rows: Sequence[int]) -> None:
        """`rows` (row × column) says which columns each number is the sum of."""
        self._rows = rows.astype(np.int64)
        self._numbers = np.array(numbers, dtype=np.int64)
        height, self._width = rows.shape
        slack = np.zeros((height, len(open_rows)))
        slack[list(open_rows), range(len(open_rows))] = 1.0
        self._table = np.hstack([rows.astype(float), slack, -slack])
        self._open_rows = list(open_rows)
        self._right = self._numbers.astype(float)
        self._basis = np.full(height, -1)  # -1: nothing fits this row yet
        self._holds = np.ones(height, dtype=bool)
        self._may_enter = np.zeros(self._table.shape[1], dtype=bool)
        self._may_enter[: self._width] = True
        self._unbounded: int | None = None  # the column that may grow for ever

    def let_go(self, which: int) -> None:
        """The number of this open row is not told after all."""
        self._holds[self._open_rows[which]] = False
        self._may_enter[[self._width + which, self._width + len(self._open_rows) + which]] = True

    def fit(self) -> list[int]:
        """Finds a population that fits; nothing where there is one, else the open rows of which one has to be let go."""
        while True:
            lacking = self._basis < 0
            gain = self._table[lacking].sum(axis=0)
            if self._right[lacking].sum() < _ROUND:
                return []
            if not self._step(gain):
                return self._in_the_way(gain) or self._held()

    def vertices(self, columns: Sequence[int]) -> Iterator[NDArray[np.int64]]:
        """Populations with more and more persons in these columns; those that are whole-numbered. The last has the most."""
        wanted = np.zeros(self._table.shape[1])
        wanted[list(columns)] = 1.0
        best = -1.0
        idle = 0
        while True:
            found = self._whole()
            if found is not None:
                yield found
            basic = np.where(self._basis >= 0, wanted[self._basis], 0.0)
            self._gain = wanted - basic @ self._table
            now = float(basic @ self._right)
            idle = 0 if now > best + _TINY else idle + 1
            best = max(best, now)
            if not self._step(self._gain, steady=idle > _PATIENCE):
                found = self._whole(self._unbounded)
                if self._unbounded is not None and found is not None:
                    yield found
                return

    def in_the_way(self) -> list[int]:
        """The open rows that, let go, would allow more than the last of `vertices`."""
        return self._in_the_way(self._gain)

    def _in_the_way(self, gain: NDArray[np.float64]) -> list[int]:
        many = len(self._open_rows)
        more = (gain[self._width : self._width + many] > _ROUND) | (gain[self._width + many :] > _ROUND)
        return [int(which) for which in np.flatnonzero(more) if self._holds[self._open_rows[which]]]

    def _held(self) -> list[int]:
        return [which for which, row in enumerate(self._open_rows) if self._holds[row]]

    def _step(self, gain: NDArray[np.float64], *, steady: bool = False) -> bool:
        """One pivot towards more gain; False where there is none."""
        self._unbounded = None
        offered = np.where(self._may_enter, gain, 0.0)
        entering = int(np.argmax(offered > _ROUND)) if steady else int(np.argmax(offered))
        if offered[entering] <= _ROUND:
            return False
        column = self._table[:, entering]
        empty = (
            (self._basis < 0) & (self._right < _ROUND) & (np.abs(column) > _ROUND)
        )  # leaves at once: it must stay at nothing
        ratios = np.full(len(column), np.inf)
        falls = column > _ROUND
        ratios[falls] = self._right[falls] / column[falls]
        ratios[empty] = 0.0
        least = ratios.min(initial=np.inf)
        if not np.isfinite(least):
            self._unbounded = entering
            return False
        level = np.flatnonzero(ratios <= least + _TINY)
        leaving = int(level[np.argmin(self._basis[level])] if steady else level[np.argmax(np.abs(column[level]))])
        pivot = self._table[leaving] / column[leaving]
        right = self._right[leaving] / column[leaving]
        others = column.copy()
        others[leaving] = 0.0
        touched = np.flatnonzero(np.abs(others) > _TINY)
        self._table[touched] -= np.outer(others[touched], pivot)
        self._right[touched] = np.maximum(self._right[touched] - others[touched] * right, 0.0)
        self._table[leaving], self._right[leaving] = pivot, max(right, 0.0)
        self._table[np.abs(self._table) < _TINY] = 0.0
        self._basis[leaving] = entering
        return True

    def _whole(self, growing: int | None = None) -> NDArray[np.int64] | None:
        """The present population, if it is in whole numbers and fits exactly what is told. `growing`: with this column gone far."""
        found = np.zeros(self._width, dtype=np.int64)
        right = self._right
        if growing is not None:
            right = right - _FAR * self._table[:, growing]
            if growing < self._width:
                found[growing] = _FAR
        mine = (self._basis >= 0) & (self._basis < self._width)
        found[self._basis[mine]] = np.rint(right[mine]).astype(np.int64)
        fits = np.array_equal((self._rows @ found)[self._holds], self._numbers[self._holds])
        return found if fits and (found >= 0).all() else None
