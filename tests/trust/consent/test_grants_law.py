"""Has a consent in force exactly the grants that its text says, and one that is not none? Whatever people do, in the real database."""

from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kairo.errors import AlreadyExists, BadRequestData, OutOfDate
from kairo.platform.db import Database
from kairo.platform.manifests import Purpose
from kairo.trust.consent.rules import Act
from tests.trust.consent.people import (
    CARE,
    DEPARTMENT,
    FAMILY,
    MOTHER,
    NEIGHBOUR,
    PARTNER,
    PARTNERS,
    SON,
    START,
    City,
    application,
    city,
    clerk,
    key_of,
    resident,
)

_numbers = count(1)
LAWS = settings(max_examples=80, deadline=None, database=None, suppress_health_check=list(HealthCheck))
PERSONS = [MOTHER, SON, NEIGHBOUR]
CATEGORIES = st.sets(st.sampled_from(["phone", "n", "plan"]), min_size=1, max_size=3).map(sorted)
DAYS = st.integers(1, 100)
WHICH = st.integers(0, 3)
GIVE = st.tuples(st.just("give"), st.sampled_from([MOTHER, SON]), st.sampled_from([SON, NEIGHBOUR]), CATEGORIES, DAYS)
ASK = st.tuples(st.just("ask"), st.sampled_from(PERSONS))
CHANGE = st.tuples(st.just("change"), WHICH, CATEGORIES, DAYS)
OTHERS = (
    st.tuples(st.just("yes"), WHICH, CATEGORIES, DAYS),
    st.tuples(st.just("no"), WHICH),
    st.tuples(st.just("withdraw"), WHICH),
    st.tuples(st.just("paper"), st.sampled_from(PERSONS), st.sampled_from([Act.GIVE, Act.REFUSE]), CATEGORIES, DAYS),
    st.tuples(st.just("wait"), st.integers(1, 30)),
    st.tuples(st.just("expire")),
    st.tuples(st.just("staff"), st.sets(st.sampled_from(["staff:x", "staff:y"])).map(sorted)),
)
ACTS = st.tuples(
    st.lists(st.one_of(GIVE, ASK), min_size=1, max_size=4),
    st.lists(st.one_of(GIVE, CHANGE, CHANGE, *OTHERS), min_size=2, max_size=10),
).map(lambda parts: [*parts[0], *parts[1]])


@dataclass
class Agreed:
    """What stands agreed to, as the model remembers it."""

    subject: str
    recipient: str
    text: Purpose
    categories: list[str]
    until: datetime


class Model:
    """Who agreed to what. One agreement for a person, a recipient and a purpose; a new one takes its place."""

    def __init__(self) -> None:
        self.agreed: dict[str, Agreed] = {}

    def put(self, id: str, one: Agreed) -> None:
        whom = (one.subject, one.recipient, one.text.id)
        self.agreed = {
            key: other for key, other in self.agreed.items() if (other.subject, other.recipient, other.text.id) != whom
        }
        self.agreed[id] = one

    def grants(self, staff: list[str]) -> set[tuple[Any, ...]]:
        return {
            (reader, one.text.id, one.subject, item.types, item.attributes or None, f"consent:{id}", one.until)
            for id, one in self.agreed.items()
            for item in one.text.categories
            if item.id in one.categories
            for reader in (staff if one.recipient == DEPARTMENT else [one.recipient])
        }


async def act(town: City, model: Model, ids: list[tuple[str, str]], said: tuple[Any, ...]) -> None:
    """Does one thing, and tells the model what it should have done."""
    verb, *rest = said
    service = town.service
    if verb == "give":
        subject, recipient, categories, days = rest
        terms = town.terms(*categories, days=days)
        one = await service.give(resident(subject, tenant=town.tenant), subject, "family", await town.code(recipient), terms)
        ids.append((one.id, subject))
        model.put(one.id, Agreed(subject, f"resident:{key_of(recipient)}", FAMILY, categories, terms.until))
    elif verb == "ask":
        (subject,) = rest
        one = await service.ask(application(tenant=town.tenant), "watching", await town.code(subject))
        ids.append((one.id, subject))
    elif verb == "paper":
        subject, what, categories, days = rest
        terms = town.terms(*categories, days=days, text=CARE)
        one = await service.record(clerk(tenant=town.tenant), what, subject, DEPARTMENT, "care", terms, "paper 1")
        ids.append((one.id, subject))
        if what is Act.GIVE:
            model.put(one.id, Agreed(subject, DEPARTMENT, CARE, categories, terms.until))
    elif verb == "wait":
        town.pass_time(days=rest[0])
    elif verb == "expire":
        await service.expire(town.tenant, 100)
        model.agreed = {id: one for id, one in model.agreed.items() if one.until > town.now}
    elif verb == "staff":
        town.staff.members = rest[0]
        await service.regrant(town.tenant)
    elif ids:
        id, subject = ids[rest[0] % len(ids)]
        scope = resident(subject, tenant=town.tenant)
        before = model.agreed.get(id)
        text = PARTNERS if before is None else before.text
        if verb == "yes":
            terms = town.terms(*rest[1], days=rest[2], text=PARTNERS)
            await service.answer(scope, id, terms)
            model.put(id, Agreed(subject, PARTNER, PARTNERS, rest[1], terms.until))
        elif verb == "no":
            await service.answer(scope, id, None)
        elif verb == "change":
            terms = town.terms(*rest[1], days=rest[2], text=text)
            await service.change(scope, id, terms)
            model.put(id, Agreed(subject, before.recipient if before else "", text, rest[1], terms.until))
        else:
            await service.withdraw(scope, id)
            del model.agreed[id]


def is_refused(model: Model, ids: list[tuple[str, str]], said: tuple[Any, ...], now: datetime) -> bool | None:
    """Whether this must be refused; None where the model does not know (it keeps no requests)."""
    if said[0] == "give":
        return bool(said[1] == said[2])
    if said[0] in ("withdraw", "change"):
        one = model.agreed.get(ids[said[1] % len(ids)][0]) if ids else None
        return bool(ids) and (one is None or one.until <= now)
    return None if said[0] in ("ask", "yes", "no") else False


@LAWS
@given(ACTS)
async def test_grants_are_what_people_agreed_to(database: Database, acts: list[tuple[Any, ...]]) -> None:
    town = await city(database, f"law_{next(_numbers)}")
    model, ids, staff = Model(), list[tuple[str, str]](), list[str]()
    for said in acts:
        before, must_refuse = dict(model.agreed), is_refused(model, ids, said, town.now)
        try:
            await act(town, model, ids, said)
            assert must_refuse is not True, said
        except (OutOfDate, BadRequestData, AlreadyExists):
            assert must_refuse is not False, said
            model.agreed = before
        if said[0] == "staff":
            # an agreement that is over, and not marked so, keeps the readers that it had: it opens nothing any more
            over = [one for one in model.agreed.values() if one.until <= town.now and one.recipient == DEPARTMENT]
            if over:
                return
        staff = town.staff.members
        found = await town.grants(*(f"resident:{key_of(one)}" for one in PERSONS), PARTNER, "staff:x", "staff:y")
        got = {(g.principal, g.purpose, g.subject, g.types, g.attributes, g.basis, g.until) for g in found}
        assert got == model.grants(staff), said
        assert all(grant.since <= town.now for grant in found)


def test_the_model_sees_a_difference() -> None:
    model = Model()
    model.put("1", Agreed(MOTHER, PARTNER, PARTNERS, ["phone"], START))
    model.put("2", Agreed(MOTHER, PARTNER, PARTNERS, ["n"], START))
    assert [grant[4] for grant in model.grants([])] == [("n",)]
