"""An attacker who holds every number that was ever told and tries every population that fits them. Brute force, for small cities.

Nothing here uses the code under test: people are pairs of values, a question is which values it asks for, and a number is a number.
"""

from collections.abc import Iterator, Mapping, Sequence

Cell = tuple[str, str]
Question = frozenset[Cell]  # the people it is about


def populations(cells: Sequence[Cell], told: Mapping[Question, int]) -> Iterator[dict[Cell, int]]:
    """Every population that fits, over the cells that some number bounds."""
    bounded = [cell for cell in cells if any(cell in question for question in told)]
    left = dict(told)

    def from_here(at: int, found: dict[Cell, int]) -> Iterator[dict[Cell, int]]:
        if at == len(bounded):
            if not any(left.values()):
                yield dict(found)
            return
        cell = bounded[at]
        mine = [question for question in left if cell in question]
        later = set(bounded[at + 1 :])
        for many in range(min(left[question] for question in mine) + 1):
            if any(not question & later and left[question] != many for question in mine):
                continue
            for question in mine:
                left[question] -= many
            yield from from_here(at + 1, {**found, cell: many})
            for question in mine:
                left[question] += many

    yield from from_here(0, {})


def most(cells: Sequence[Cell], told: Mapping[Question, int], groups: Sequence[Question]) -> dict[Question, float]:
    """How many persons each group has at the most, as far as the attacker can tell; −1 where no population fits at all."""
    found: dict[Question, float] = dict.fromkeys(groups, -1)
    for population in populations(cells, told):
        for group in groups:
            free = any(cell not in population for cell in group)
            found[group] = max(found[group], float("inf") if free else sum(population[cell] for cell in group))
    return found
