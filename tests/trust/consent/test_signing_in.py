"""What does an application learn of who signs in to it? What they said yes to in that step, kept as a consent like any other."""

from itertools import count

import pytest
import pytest_asyncio

from kairo.platform.db import Database
from kairo.trust.consent.explaining import ConsentExplains
from kairo.trust.consent.rules import Act
from kairo.trust.consent.signing_in import SigningIn
from kairo.trust.oauth.asking import Ask
from tests.trust.consent.people import DEPARTMENT, MOTHER, PARTNER, SON, City, category, city, clerk, key_of, purpose, resident

_numbers = count(1)
ASK = Ask(PARTNER, "Partner", "Ltd", "watching", ("phone", "n", "shoeSize"))
WORDS = (
    category("phone", attributes=("phone",)),
    category("n", attributes=("n",)),
    category("pair", attributes=("left", "right")),
    category("plan", "Plan"),
)
TEXT = purpose("watching", "application", categories=WORDS)


@pytest_asyncio.fixture
async def town(database: Database) -> City:
    return await city(database, f"signing_{next(_numbers)}", TEXT, purpose("care", "department"))


def asker(town: City) -> SigningIn:
    return SigningIn(town.database, town.clock, town.service.purposes)


async def granted(town: City) -> set[str]:
    return {name for grant in await town.grants(PARTNER) for name in grant.attributes or ("*",)}


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "phone en: about phone en"), ("ja", "phone ja: about phone ja"), ("xx", "phone ja: about phone ja")],
)
async def test_what_is_asked_in_words(town: City, language: str, words: str) -> None:
    found = await asker(town).questions(resident(MOTHER, tenant=town.tenant), ASK, language)
    assert [(one.attribute, one.agreed) for one in found] == [("phone", False), ("n", False)], (
        "shoeSize has no words: it is not given"
    )
    assert found[0].words == words


async def test_yes_to_one_and_no_to_the_other(town: City) -> None:
    mother, one = resident(MOTHER, tenant=town.tenant), asker(town)
    await one.agree(mother, ASK, ["phone"])
    assert await granted(town) == {"phone"}
    assert [question.agreed for question in await one.questions(mother, ASK, "ja")] == [True, False]
    (grant,) = await town.grants(PARTNER)
    assert (grant.purpose, grant.subject) == ("watching", MOTHER)


async def test_it_is_changed_by_the_next_answer(town: City) -> None:
    mother, one = resident(MOTHER, tenant=town.tenant), asker(town)
    await one.agree(mother, ASK, ["phone", "n"])
    await one.agree(mother, ASK, ["n"])
    assert await granted(town) == {"n"}
    await one.agree(mother, ASK, ["n"])
    await one.agree(mother, ASK, ["phone", "n"])
    assert await granted(town) == {"phone", "n"}
    await one.agree(mother, ASK, [])
    assert await granted(town) == set()
    acts = await town.database.fetch(
        town.tenant, "SELECT act FROM consent_event WHERE tenant = $1 ORDER BY at, consent, number", town.tenant
    )
    assert sorted(row["act"] for row in acts) == ["change", "give", "give", "withdraw", "withdraw"], (
        "asked again, nothing was entered"
    )


async def test_what_is_not_asked_about_stays(town: City) -> None:
    mother, one = resident(MOTHER, tenant=town.tenant), asker(town)
    await one.agree(mother, ASK, ["phone", "n"])
    await one.agree(mother, Ask(PARTNER, "", "", "watching", ("n",)), [])
    assert await granted(town) == {"phone"}


async def test_a_category_is_agreed_to_as_a_whole(town: City) -> None:
    mother, one = resident(MOTHER, tenant=town.tenant), asker(town)
    both = Ask(PARTNER, "", "", "watching", ("left", "right"))
    await one.agree(mother, both, ["left"])
    assert await granted(town) == set()
    await one.agree(mother, both, ["left", "right"])
    assert await granted(town) == {"left", "right"}


async def test_a_refusal_is_kept(town: City) -> None:
    await asker(town).agree(resident(MOTHER, tenant=town.tenant), ASK, [])
    rows = await town.database.fetch(town.tenant, "SELECT state FROM consent WHERE tenant = $1", town.tenant)
    assert [row["state"] for row in rows] == ["refused"]


@pytest.mark.parametrize("old", ["agree", "refuse"])
async def test_by_new_words_what_was_agreed_to_by_old_ones_is_not_carried_over(town: City, old: str) -> None:
    mother = resident(MOTHER, tenant=town.tenant)
    await asker(town).agree(mother, ASK, ["phone", "n"])
    town.declare(purpose("watching", "application", version=2, categories=WORDS[:2]))
    await asker(town).agree(mother, Ask(PARTNER, "", "", "watching", ("phone",)), ["phone"] if old == "agree" else [])
    assert await granted(town) == ({"phone"} if old == "agree" else {"n"})


@pytest.mark.parametrize(
    "ask",
    [
        Ask(PARTNER, "", "", "application", ("phone",)),
        Ask("application:other", "", "", "watching", ("phone",)),
        Ask(PARTNER, "", "", "watching", ("shoeSize",)),
        Ask(PARTNER, "", "", "watching", ()),
    ],
)
async def test_what_has_no_words_is_not_asked_and_not_given(town: City, ask: Ask) -> None:
    mother = resident(MOTHER, tenant=town.tenant)
    assert not await asker(town).questions(mother, ask, "ja")
    await asker(town).agree(mother, ask, ask.attributes)
    assert await town.grants(PARTNER, "application:other") == []


async def test_staff_agree_to_nothing(town: City) -> None:
    staff = clerk(tenant=town.tenant)
    assert not await asker(town).questions(staff, ASK, "ja")
    await asker(town).agree(staff, ASK, ["phone"])
    await asker(town).withdraw(staff, PARTNER)
    assert await town.grants(PARTNER) == []


async def test_all_is_taken_back_and_nobody_elses(town: City) -> None:
    mother, son = resident(MOTHER, tenant=town.tenant), resident(SON, tenant=town.tenant)
    for who in (mother, son):
        await asker(town).agree(who, ASK, ["phone"])
    await asker(town).withdraw(mother, PARTNER)
    assert {grant.subject for grant in await town.grants(PARTNER)} == {SON}


async def test_why_somebody_may_read_is_explained(town: City) -> None:
    text = purpose("care", "department")
    one = await town.service.record(
        clerk(tenant=town.tenant), Act.GIVE, MOTHER, DEPARTMENT, "care", town.terms("phone", text=text), "paper"
    )
    explained = await ConsentExplains(town.database).explain(town.tenant, [one.id, "0" * 16])
    assert set(explained) == {one.id}
    assert (explained[one.id].what["ja"], explained[one.id].by) == ("care ja", f"resident:{key_of(MOTHER)}")
