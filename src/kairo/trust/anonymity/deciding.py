"""How does a question become a table? From counted persons and the ledger to cells: pure, and slow enough to run in a thread."""

from collections.abc import Mapping
from dataclasses import dataclass

from kairo.platform.manifests import EntityType
from kairo.trust.anonymity.axes import Places, axis_of, domain_of
from kairo.trust.anonymity.groups import Counted, Domain, Group, atoms_of
from kairo.trust.anonymity.population import extremes, frequent
from kairo.trust.anonymity.releasing import Kept, Outcome, changed, release
from kairo.trust.anonymity.rules import Question
from kairo.trust.anonymity.sums import Amounts, sums_of
from kairo.trust.anonymity.tables import Cell, Division, Release, group_at, places


@dataclass(frozen=True, slots=True)
class Basis:
    """What a decision is made from. `attributes`: in the order of the values of `counted`; `places`: of relationships."""

    kind: EntityType
    attributes: tuple[str, ...]
    counted: Counted
    places: Mapping[str, Places]
    ledger: Mapping[Group, Kept]
    sums: Mapping[Group, float]
    most_values: int
    most_atoms: int

    @property
    def domains(self) -> dict[str, Domain]:
        """What is possible, of each attribute."""
        return {name: domain_of(self.kind, name, self.places.get(name)) for name in self.attributes}


@dataclass(frozen=True, slots=True)
class Decided:
    """A table, what each cell's group really has, and what the ledger learns."""

    axes: tuple[Division, ...]
    cells: list[Cell]
    kept: list[int]
    outcome: Outcome
    sums: Mapping[Group, tuple[int, float]]


def divisions(question: Question, basis: Basis, k: int) -> tuple[Division, ...]:
    """The lines of each dimension."""
    found = []
    for dimension in question.dimensions:
        name = dimension.attribute.name
        at, domain = basis.attributes.index(name), domain_of(basis.kind, name, basis.places.get(name))
        named = {
            value
            for group in basis.ledger
            for part in group
            if part.attribute == name
            for value in part.values
            if value[0] == "="
        }
        present = frequent(basis.counted, at, k, named) if not dimension.is_number else []
        between = extremes(basis.counted, at, k) if dimension.is_number else (0.0, 0.0)
        axis = axis_of(dimension, present, between, basis.places.get(name), domain, basis.most_values)
        found.append(Division(dimension.written(), axis))
    return tuple(found)


def decide(question: Question, basis: Basis, k: int) -> Decided:
    """The whole of it. Raises BadRequestData and TooComplexQuery."""
    axes = divisions(question, basis, k)
    groups = [group_at(axes, at, question.where) for at in places(axes)]
    atoms = atoms_of([*groups, *basis.ledger], basis.domains, basis.counted, basis.most_atoms)
    outcome = release(atoms, basis.ledger, groups, k)
    cells: list[Cell] = [{"at": at, "persons": outcome.told[group]} for at, group in zip(places(axes), groups, strict=True)]
    told: dict[Group, tuple[int, float]] = {}
    if question.measure:
        amounts = Amounts(atoms, basis.counted, basis.attributes.index(question.measure))
        sums = sums_of(atoms, amounts, outcome, basis.ledger, basis.sums, k)
        for cell, group in zip(cells, groups, strict=True):
            cell["sum"] = sums[group]
        told = {group: (outcome.told[group] or 0, amount) for group, amount in sums.items() if amount is not None}
    return Decided(axes, cells, [atoms.count(group) for group in groups], outcome, told)


def still_stands(former: Release, question: Question, basis: Basis) -> bool:
    """Whether a table that was told answers the question as it is now: no cell has changed by k persons."""
    groups = [group_at(former.axes, at, question.where) for at in places(former.axes)]
    atoms = atoms_of(groups, basis.domains, basis.counted, basis.most_atoms)
    return not any(changed(before, atoms.count(group), former.k) for before, group in zip(former.kept, groups, strict=True))
