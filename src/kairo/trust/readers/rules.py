"""Who may read this attribute now, and why? The broker's rule (context/query/seeing.py) asked the other way round: pure, over the same rows.

What the broker joins for one asker is here gone through for all: the grants that cover the attribute, the persons whom it is about, and
who is, or acts for, one of them. tests/trust/readers holds the two against each other.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from kairo.context.gate import DataClass
from kairo.context.granting import Grant
from kairo.trust.identity.principals import LOCAL_ADMINISTRATOR, PERSON, PrincipalKind, person_of

FAMILY: Final = "family"  # the purpose of residents


class Way(StrEnum):
    """Why somebody may read it."""

    OPEN = "open"  # it is open data: everyone
    ADMINISTRATOR = "administrator"
    WRITER = "writer"  # of a type that nobody declared
    SELF = "self"
    MANDATE = "mandate"
    GRANT = "grant"


@dataclass(frozen=True, slots=True)
class Proxy:
    """Somebody who acts for a person now, and so reads what is about them. `until`: None where it has no end; `by`: who decided."""

    principal: str
    person: str
    until: datetime | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """What is asked about: an attribute of an entity as it stands. `about`: the persons whom it is about; `roles`: (person, role) of
    the entity; `grants`: those of this moment that cover the attribute, and an area of the entity where they are of an area."""

    data_class: DataClass
    is_withheld: bool
    writer: str
    about: frozenset[str]
    roles: frozenset[tuple[str, str]]
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason. `person`: of whom it opens the data (empty: of everyone)."""

    way: Way
    basis: str = ""
    person: str = ""
    until: datetime | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who may read it for a purpose, and why. `until`: None where no end is set."""

    principal: str
    purpose: str
    until: datetime | None = None
    reasons: tuple[Reason, ...] = field(default=())


def readers(held: Held, proxies: Iterable[Proxy]) -> list[Reader]:
    """Everyone who may read it now, in order: those of the class first, then by principal and purpose."""
    found = [Reader(LOCAL_ADMINISTRATOR.id, "administration", None, (Reason(Way.ADMINISTRATOR),))]
    if held.data_class is DataClass.OPEN and not held.is_withheld:
        return [Reader("", "", None, (Reason(Way.OPEN),)), *found]
    if held.data_class is DataClass.UNDECLARED and not held.is_withheld:
        return [*found, Reader(held.writer, "", None, (Reason(Way.WRITER),))]
    acting: dict[str, dict[str, Proxy]] = {}
    for one in proxies:
        acting.setdefault(one.principal, {})[one.person] = one
    named = held.about | {person for person, _ in held.roles}
    asking = {(_resident(person), FAMILY) for person in named if person.startswith(PERSON)}
    asking |= {(principal, FAMILY) for principal, of in acting.items() if not named.isdisjoint(of)}
    asking |= {(grant.principal, grant.purpose) for grant in held.grants}
    for principal, purpose in sorted(asking):
        reader = _reader(held, principal, purpose, acting.get(principal, {}))
        if reader is not None:
            found.append(reader)
    return found


def _reader(held: Held, principal: str, purpose: str, acting: Mapping[str, Proxy]) -> Reader | None:
    person = person_of(principal)
    if person is not None and purpose != FAMILY:
        return None  # residents ask for no other purpose
    if person is None and principal.partition(":")[0] not in {PrincipalKind.STAFF, PrincipalKind.APPLICATION}:
        return None
    persons = {person, *acting} if person is not None else set()
    mine = [grant for grant in held.grants if (grant.principal, grant.purpose) == (principal, purpose)]
    wide = [grant for grant in mine if grant.area is not None or (grant.relation is not None and _stands(held, grant, persons))]
    reasons: list[Reason] = [Reason(Way.GRANT, grant.basis, "", grant.until) for grant in wide]
    ends: list[datetime | None] = [_latest([grant.until for grant in wide])] if wide else []
    each = [_of_person(one, person, acting, mine) for one in sorted(held.about)]
    if each and all(each):
        reasons += [reason for some in each for reason in some]
        ends.append(_earliest([_latest([reason.until for reason in some]) for some in each]))
    return Reader(principal, purpose, _latest(ends), tuple(reasons)) if ends else None


def _of_person(one: str, own: str | None, acting: Mapping[str, Proxy], mine: Iterable[Grant]) -> list[Reason]:
    if one == own:
        return [Reason(Way.SELF, person=one)]
    found = [Reason(Way.GRANT, grant.basis, one, grant.until) for grant in mine if grant.subject == one]
    if own is not None and one in acting:
        found.insert(0, Reason(Way.MANDATE, "", one, acting[one].until, acting[one].by))
    return found


def _stands(held: Held, grant: Grant, persons: Collection[str | None]) -> bool:
    return any(role == grant.relation and person in persons for person, role in held.roles)


def _resident(person: str) -> str:
    return f"{PrincipalKind.RESIDENT}:{person.removeprefix(PERSON)}"


def _latest(ends: Iterable[datetime | None]) -> datetime | None:
    """The last end; None: one of them has none."""
    known = list(ends)
    return None if None in known else max(end for end in known if end is not None)


def _earliest(ends: Iterable[datetime | None]) -> datetime | None:
    """The first end; None: none of them has one."""
    return min((end for end in ends if end is not None), default=None)
