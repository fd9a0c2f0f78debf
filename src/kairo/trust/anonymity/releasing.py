"""What is told today, given all that was told before? A ledger of numbers, in which small changes do not show.

A number that was told changes only when at least k persons changed it; until then the number of before is told again. So whoever knows
that one neighbour moved in sees the same table as the day before. What is told for the first time has to fit, together with all numbers
that stand, some population in which nobody stands out (suppression.py). A number whose group has changed by k or more at that time stands no
longer, whatever becomes of the group later.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from kairo.trust.anonymity.groups import Atoms, Group
from kairo.trust.anonymity.suppression import Number, doubts_of, to_withhold


@dataclass(frozen=True, slots=True)
class Kept:
    """What the ledger holds of a group: how many it had when it was asked for, and whether that was told or held back as small."""

    persons: int
    told: bool


@dataclass(slots=True)
class Outcome:
    """The numbers that are told, None for those withheld; what the ledger holds anew, and which of its numbers stand no longer."""

    told: dict[Group, int | None] = field(default_factory=dict)
    ledger: dict[Group, Kept] = field(default_factory=dict)
    retired: set[Group] = field(default_factory=set)


def changed(before: int, now: int, k: int) -> bool:
    """Whether a group has changed by enough persons for a new number."""
    return abs(now - before) >= k


def release(
    atoms: Atoms, ledger: Mapping[Group, Kept], groups: Sequence[Group], k: int, never: Collection[Group] = ()
) -> Outcome:
    """Decides on each of these groups. `never`: those that have another reason to be withheld. The ledger's own k may differ from
    this one: what was told is told."""
    outcome = Outcome()
    outcome.retired = {group for group, kept in ledger.items() if changed(kept.persons, atoms.count(group), k)}
    asked = []
    for group in dict.fromkeys(groups):
        now, kept = atoms.count(group), ledger.get(group)
        if kept is not None and group not in outcome.retired:
            outcome.told[group] = kept.persons if kept.told and group not in never else None
        elif now < k or atoms.open_count(group) < k:
            outcome.told[group] = None
            outcome.ledger[group] = Kept(now, told=False)
        elif group in never:
            outcome.told[group] = None
        else:
            asked.append(Number(group, now))
    told = [Number(group, kept.persons) for group, kept in ledger.items() if kept.told and group not in outcome.retired]
    withheld = to_withhold(atoms, told, asked, doubts_of(atoms, told, k))
    for which, number in enumerate(asked):
        outcome.told[number.group] = None if which in withheld else number.persons
        if which not in withheld:
            outcome.ledger[number.group] = Kept(number.persons, told=True)
    outcome.retired -= outcome.ledger.keys()
    return outcome
