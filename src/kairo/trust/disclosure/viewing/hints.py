"""What in the log deserves a second look? Hints, never verdicts: each rule is pure, says what it saw, and is wrong now and then."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from kairo.platform.clock import TOKYO

NIGHT_PERSONS = 30  # of one clerk in one night
DAY_PERSONS = 300  # of one clerk in one day
BURST_LOOKS = 120  # of one clerk in an hour
LOOKERS = 10  # members of staff at one person
NIGHT_BEGINS, NIGHT_ENDS = 22, 6
STAFF = "staff:"


@dataclass(frozen=True, slots=True)
class Hour:
    """What one principal did in an hour: looks, and how many persons they were at."""

    principal: str
    begins: datetime
    looks: int
    persons: int


@dataclass(frozen=True, slots=True)
class Hint:
    """Something unusual: the rule's name, who, on which day (of a night: the evening), and how many."""

    rule: str
    who: str
    count: int
    day: datetime | None = None


def of_hours(hours: Iterable[Hour]) -> list[Hint]:
    """Nights, days and bursts of members of staff. Persons who were looked at in two hours count twice."""
    nights, days, bursts = Counter[tuple[str, datetime]](), Counter[tuple[str, datetime]](), list[Hint]()
    for one in hours:
        if not one.principal.startswith(STAFF):
            continue
        local = one.begins.astimezone(TOKYO)
        day = local.replace(hour=0)
        days[one.principal, day] += one.persons
        if local.hour >= NIGHT_BEGINS or local.hour < NIGHT_ENDS:
            nights[one.principal, day - timedelta(days=local.hour < NIGHT_ENDS)] += one.persons
        if one.looks >= BURST_LOOKS:
            bursts.append(Hint("burst", one.principal, one.looks, local))
    found = [Hint("night", who, count, day) for (who, day), count in nights.items() if count >= NIGHT_PERSONS]
    found += [Hint("many", who, count, day) for (who, day), count in days.items() if count >= DAY_PERSONS]
    return [*found, *bursts]


def of_lookers(looked_at: Iterable[tuple[bytes, int]]) -> list[Hint]:
    """Persons at whom many members of staff looked: somebody whom people know, or somebody who is to be protected."""
    return [Hint("watched", person.hex()[:8], lookers) for person, lookers in looked_at if lookers >= LOOKERS]


def of_names(pairs: Iterable[tuple[str, str]], names: Mapping[str, str]) -> list[Hint]:
    """Members of staff who looked at persons of their own family name (`names` by principal and person): perhaps their family."""
    same = defaultdict[str, set[str]](set)
    for principal, person in pairs:
        own, other = family_name(names.get(principal, "")), family_name(names.get(person, ""))
        if own and own == other:
            same[principal].add(person)
    return [Hint("namesake", principal, len(persons)) for principal, persons in same.items()]


def of_bases(baseless: Iterable[tuple[str, int]]) -> list[Hint]:
    """Looks of which no basis was there any more when they were recorded."""
    return [Hint("baseless", principal, looks) for principal, looks in baseless]


def family_name(name: str) -> str:
    """What stands before the first space, as names are written here; empty where there is none."""
    first, space, _ = name.replace("\u3000", " ").strip().partition(" ")
    return first if space else ""
