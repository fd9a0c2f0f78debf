"""May this role be given to this person, for so long, by one person alone? And how does an assignment stand? Pure; time is passed in."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from kairo.context.granting import Grant
from kairo.platform.handling import SENSITIVE, DataCategory, Role
from kairo.platform.manifests import EntityType
from kairo.trust.identity.permissions import PERSONNEL
from kairo.trust.roles.bases import BASES, DEMANDED, Demand, Facts, check
from kairo.trust.roles.four_eyes import Proposed

GRANT_ROLES: Final = "grant-roles"
CONFIRM: Final = "confirm"
OPEN_EMERGENCY: Final = "open-emergency"
SEE_READERS: Final = "see-readers"
# Whoever looks after the accounts of staff could sign in as one of them.
DANGEROUS: Final = frozenset({GRANT_ROLES, CONFIRM, OPEN_EMERGENCY, PERSONNEL})
STAFF: Final = "staff:"
LONGEST_TEXT: Final = 500
SHORTEST: Final = timedelta(minutes=1)

Types = Mapping[str, EntityType]


class Danger(StrEnum):
    """Why one person alone may not give a role."""

    SENSITIVE = "sensitive"  # it reads 要配慮個人情報
    POWER = "power"  # it gives roles, confirms, opens an emergency release, or looks after accounts of staff


class State(StrEnum):
    """How an assignment stands at a moment."""

    PROPOSED = "proposed"
    LAPSED = "lapsed"  # nobody confirmed it in time
    TO_COME = "to-come"
    IN_FORCE = "in-force"
    OVER = "over"
    ENDED = "ended"  # refused before it held, or taken back


@dataclass(frozen=True, slots=True)
class Assignment:
    """A role that someone has, or is to have, from `since` until before `until`. `area`: an NGSI-LD scope; empty: the whole
    municipality. `confirm_by`: until when a second person must have confirmed; None: no second person is asked."""

    id: str
    principal: str
    role: str
    department: str
    area: str
    purpose: str
    reason: str
    since: datetime
    until: datetime
    proposed_by: str
    proposed_at: datetime
    confirm_by: datetime | None = None
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None
    ended_by: str | None = None
    ended_at: datetime | None = None

    @property
    def basis(self) -> str:
        """The basis of its grants."""
        return f"role:{self.id}"

    @property
    def proposed(self) -> Proposed:
        """What a second person is asked."""
        concerned = frozenset({self.principal})
        return Proposed(self.proposed_by, concerned, self.confirm_by, self.confirmed_by is not None, self.ended_by is not None)


def dangers(role: Role, types: Types) -> tuple[Danger, ...]:
    """Why a second person must confirm an assignment of this role; none: nobody need."""
    found = []
    if any(category in SENSITIVE for category in categories_read(role, types)):
        found.append(Danger.SENSITIVE)
    if role.may & DANGEROUS:
        found.append(Danger.POWER)
    return tuple(found)


def categories_read(role: Role, types: Types) -> frozenset[DataCategory]:
    """What the law calls the data that the role reads. A type that is read as a whole counts with all that it declares."""
    found: set[DataCategory] = set()
    for reads in role.reads:
        kind = types[reads.type]
        declared = {each.name for each in kind.attributes} | kind.personal_attributes | kind.categories.keys()
        found |= {kind.category_of(name) for name in reads.attributes or declared}
        if not reads.attributes and kind.category is not None:
            found.add(kind.category)
    return frozenset(found)


def may_stand_alone(role: Role, others_who_confirm: int) -> bool:
    """Whether the administrator may give this role without a second person: the first ones who can be that second person, while
    there is nobody else. A role that reads anything is never given so."""
    return CONFIRM in role.may and not role.reads and others_who_confirm == 0


def check_roles(roles: Iterable[Role], types: Types) -> dict[str, Role]:
    """The roles by name. Raises ValueError for one that is declared twice, reads what is not declared or not personal, or stands on
    a basis that the rules do not let it have: a programming error."""
    found: dict[str, Role] = {}
    for role in roles:
        if role.name in found:
            raise ValueError(f"role {role.name} is declared twice")
        if role.basis not in BASES:
            raise ValueError(f"role {role.name}: {role.basis!r} is no legal basis")
        if not role.purposes:
            raise ValueError(f"role {role.name} has no purpose")
        for reads in role.reads:
            kind = types.get(reads.type)
            if kind is None:
                raise ValueError(f"role {role.name} reads {reads.type}, which nobody declares")
            names = {each.name for each in kind.attributes} | kind.personal_attributes
            if missing := [name for name in reads.attributes if name not in names]:
                raise ValueError(f"role {role.name} reads {missing[0]} of {reads.type}, which is not declared")
        everything = Facts(purpose="x", reason="x", cites=role.cites, harm_weighed=True, area="", until=datetime.max)  # noqa: DTZ901
        if refused := check(BASES[role.basis], _of(role, everything, types)):
            raise ValueError(f"role {role.name}: basis {role.basis} does not hold: {', '.join(refused)}")
        found[role.name] = role
    return found


def facts_of(role: Role, assignment: Assignment, types: Types) -> Facts:
    """What is recorded of the use that an assignment is for. That no right is harmed is weighed once, when the role is declared with
    what it cites."""
    facts = Facts(
        purpose=assignment.purpose,
        reason=assignment.reason,
        cites=role.cites,
        harm_weighed=bool(role.cites),
        area=assignment.area,
        until=assignment.until,
    )
    return _of(role, facts, types)


def _of(role: Role, facts: Facts, types: Types) -> Facts:
    only_listed = all(reads.attributes and types[reads.type].listed.issuperset(reads.attributes) for reads in role.reads)
    return Facts(**{name: getattr(facts, name) for name in Facts.__slots__} | {"only_listed": only_listed})


def faults(role: Role, one: Assignment, types: Types, now: datetime, longest: timedelta) -> list[tuple[str, str]]:
    """What is wrong with a proposal, in English and Japanese; nothing: it may be made."""
    found = [DEMANDED[demand] for demand in check(BASES[role.basis], facts_of(role, one, types))]
    if not one.reason.strip() and DEMANDED[Demand.REASON] not in found:
        found.append(DEMANDED[Demand.REASON])
    if one.purpose not in role.purposes:
        found.append((f"the role has no purpose {one.purpose!r}", "この役割にない利用目的です"))
    if not one.principal.startswith(STAFF) or one.principal == STAFF:
        found.append(("roles are for staff (staff:…)", "役割は職員（staff:…）に付けます"))
    if one.principal == one.proposed_by:
        found.append(("nobody gives themselves a role", "自分に役割を付けることはできません"))
    if not is_area(one.area):
        found.append(
            ("an area is a scope such as /352039/ogori, or empty", "区域は /352039/ogori のように書くか、空にしてください")
        )
    if not one.department.strip():
        found.append(("name the department", "所属を記入してください"))
    if any(len(text) > LONGEST_TEXT or "\0" in text for text in (one.reason, one.department, one.area, one.principal)):
        found.append((f"at most {LONGEST_TEXT} characters a field, none of them NUL", f"各項目は{LONGEST_TEXT}文字以内です"))
    if one.until <= max(one.since, now):
        found.append(
            ("the end comes after the beginning, and is yet to come", "終わりは始まりより後の、これからの日時にしてください")
        )
    elif one.until - max(one.since, now) > longest:
        found.append((f"a role lasts at most {longest.days} days; renew it then", f"期間は{longest.days}日以内です"))
    return found


def is_area(area: str) -> bool:
    """Whether this is an NGSI-LD scope, or empty: the whole municipality."""
    return not area or (
        area.startswith("/") and not area.endswith("/") and "//" not in area and not set(area) & set("#+,;|() ")
    )


def state_of(one: Assignment, now: datetime) -> State:
    """How it stands at `now`."""
    if one.ended_at is not None:
        return State.ENDED
    if one.confirm_by is not None and one.confirmed_at is None:
        return State.LAPSED if now >= min(one.confirm_by, one.until) else State.PROPOSED
    if now >= one.until:
        return State.OVER
    return State.TO_COME if now < one.since else State.IN_FORCE


def grants_of(role: Role, one: Assignment, now: datetime) -> list[Grant]:
    """What an assignment that holds from now on opens."""
    since = max(one.since, now)
    if is_over_at(since, one.until):
        return []
    return [
        Grant(
            f"{one.basis}:{number}",
            one.principal,
            one.purpose,
            (reads.type,),
            one.basis,
            since,
            one.until,
            reads.attributes or None,
            area=one.area,
        )
        for number, reads in enumerate(role.reads, 1)
    ]


def is_over_at(since: datetime, until: datetime) -> bool:
    """Whether nothing is left: grants begin and end at whole seconds."""
    return until.replace(microsecond=0) <= since.replace(microsecond=0)


def powers(roles: Mapping[str, Role], held: Collection[Assignment], purpose: str) -> frozenset[str]:
    """What whoever has these assignments may do under a duty for this purpose."""
    names = {one.role for one in held if one.purpose == purpose and purpose}
    return frozenset(power for name in names if name in roles for power in roles[name].may)
