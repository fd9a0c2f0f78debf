"""Do extracts hold what they promise? Ids by recipient, k and l as reported, and a record with the digest of the very file."""

import hashlib
import itertools
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.context.gate import Scope
from kairo.errors import BadRequestData, Forbidden, KairoError, ResourceNotFound, StartError, Unauthenticated
from kairo.platform.db import Database
from kairo.trust.anonymity.extracting import VALID, Wish
from kairo.trust.anonymity.extracts import RARE, as_file, folded, likeness, pseudonym, series_key
from kairo.trust.anonymity.secret import kept_secret
from tests.trust.anonymity.world import World, city, clerk, resident

_tenants = (f"extract_{number}" for number in itertools.count())
rows_of = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.sampled_from("12")), max_size=30).map(
    lambda found: [(f"p{number}", values) for number, values in enumerate(found)]
)


@pytest.fixture
def tenant() -> str:
    return next(_tenants)


def wish(**given: Any) -> Wish:
    usual = {"type": "Resident", "kind": "pseudonymised", "recipient": "A University", "series": "care 2026", "basis": "test"}
    return Wish(
        **{**usual, "columns": ("birthDate/20", "district", "needsCare"), "sensitive": ("needsCare",), "k": 3, "l": 2, **given}
    )


def people(many: int) -> list[dict[str, Any]]:
    return [
        resident(n, birthDate=f"{1950 + n % 5}-01-01", district="ogori" if n % 2 else "ato", needsCare=n % 4 < 2)
        for n in range(many)
    ]


@given(rows_of, st.integers(2, 4), st.integers(1, 2))
def test_what_is_kept_is_alike_enough(rows: list[Any], k: int, l: int) -> None:  # noqa: E741
    """k and l hold of what is kept, counted once more by hand, and nothing is left out that could have stayed."""
    reached, kept = likeness(rows, [2], k, l)
    classes = Counter(values[:2] for _, values in rows)
    sensitive = {alike: {values[2] for _, values in rows if values[:2] == alike} for alike in classes}
    assert reached.k == min(classes.values(), default=0)
    assert reached.l == min(map(len, sensitive.values()), default=0)
    assert {row[0] for row in kept} == {row[0] for row in rows if classes[row[1][:2]] >= k and len(sensitive[row[1][:2]]) >= l}
    assert reached.small == len(rows) - len(kept)


@given(rows_of, st.integers(2, 5))
def test_rare_values_do_not_appear(rows: list[Any], k: int) -> None:
    for at in range(3):
        before = Counter(values[at] for _, values in rows)
        assert all(value == RARE or before[value] >= k for _, values in folded(rows, k) for value in [values[at]])


@given(st.text(), st.text())
def test_ids_are_the_same_for_one_recipient_and_series_only(one: str, other: str) -> None:
    secret = b"k" * 32
    keys = [series_key(secret, "352039", *names) for names in (("a", "1"), ("a", "2"), ("b", "1"), ("a1", ""))]
    keys += [series_key(b"j" * 32, "352039", "a", "1"), series_key(secret, "other", "a", "1")]
    assert pseudonym(keys[0], one) == pseudonym(series_key(secret, "352039", "a", "1"), one)
    assert len({pseudonym(key, one) for key in keys}) == len(keys)
    assert (pseudonym(keys[0], one) == pseudonym(keys[0], other)) is (one == other)


def test_a_cell_that_a_spreadsheet_would_run_is_harmless() -> None:
    text = as_file([("p", ("=1+1", "a"))], ("x", "y"), None, "csv").decode("utf-8-sig")
    assert text == "x,y\r\n'=1+1,a\r\n"


async def test_the_file_is_the_one_that_is_recorded(database: Database, tenant: str) -> None:
    world = World(database)
    await world.put(tenant, people(40))
    made, file = await world.extract(tenant, wish())
    assert file.startswith(b"\xef\xbb\xbfpseudonym,birthDate/20,district,needsCare\r\n")
    assert made.file_digest == hashlib.sha256(file).hexdigest()
    assert (made.persons, made.left_out, made.recipient, made.columns) == (40, 0, "A University", list(wish().columns))
    assert made.k_reached >= 3
    assert made.l_reached == 2
    assert [one.id for one in await world.extracts.latest(tenant)] == [made.id]
    assert world.processed == [("staff:ab", "statistics", 40, "anonymity: an extract for A University of Resident")] * 2
    assert b"Resident" not in file
    rows = await database.fetch(tenant, "SELECT operation FROM change WHERE tenant = $1 AND entity = $2", tenant, made.id)
    assert [row["operation"] for row in rows] == ["extract"]


async def test_ids_over_two_extracts(database: Database, tenant: str) -> None:
    world = World(database)
    await world.put(tenant, people(40))

    async def ids(**given: Any) -> set[str]:
        _, file = await world.extract(tenant, wish(format="json", **given))
        return {row["pseudonym"] for row in json.loads(file)}

    first = await ids()
    assert await ids() == first
    assert not await ids(recipient="B Company") & first
    assert not await ids(series="care 2027") & first
    _, anonymous = await world.extract(tenant, wish(format="json", kind="anonymised", third_party=True))
    assert all("pseudonym" not in row for row in json.loads(anonymous))


async def test_too_few_alike_are_refused_or_left_out(database: Database, tenant: str) -> None:
    world = World(database)
    odd = [resident("odd", birthDate="1920-01-01", district="kagawa", needsCare=True)]
    await world.put(tenant, [*people(40), *odd])
    preview = await world.extracts.preview(city(tenant), wish())
    assert (preview.whole.k, preview.left_out) == (1, 0)
    assert preview.refusal
    with pytest.raises(BadRequestData, match="k=1"):
        await world.extract(tenant, wish())
    assert not await world.extracts.latest(tenant)
    made, file = await world.extract(tenant, wish(leave_out=True))
    assert (made.persons, made.left_out) == (40, 1)
    assert b"kagawa" not in file


async def test_all_alike_in_what_is_sensitive_is_refused(database: Database, tenant: str) -> None:
    world = World(database)
    await world.put(tenant, [resident(n, birthDate="1950-01-01", needsCare=True) for n in range(20)])
    with pytest.raises(BadRequestData, match="l=1"):
        await world.extract(tenant, wish(columns=("birthDate/20", "needsCare")))


async def test_protected_persons_are_in_no_extract(database: Database, tenant: str) -> None:
    world = World(database)
    await world.put(tenant, people(40))
    world.shielded = {f"urn:ngsi-ld:Resident:{number}" for number in range(5)}
    made, _ = await world.extract(tenant, wish())
    assert made.persons == 35


async def test_nothing_leaves_until_a_second_person_agreed(database: Database, tenant: str) -> None:
    world = World(database)
    await world.put(tenant, people(40))
    one, other = clerk(tenant), clerk(tenant, "cd")
    asked = await world.extracts.request(one, wish())
    with pytest.raises(Forbidden, match="second person"):
        await world.extracts.make(one, asked.id)
    with pytest.raises(Forbidden, match="whoever asked"):
        await world.extracts.agree(one, asked.id)
    await world.extracts.agree(other, asked.id)
    for someone, id in ((other, asked.id), (one, "nothing")):
        with pytest.raises(ResourceNotFound):
            await world.extracts.make(someone, id)
    with pytest.raises(ResourceNotFound):
        await world.extracts.agree(other, asked.id)
    made, _ = await world.extracts.make(one, asked.id)
    assert (made.made_by, made.agreed_by, made.request) == ("staff:ab", "staff:cd", asked.id)


async def test_what_was_agreed_to_is_over_after_a_day(database: Database, tenant: str) -> None:
    world = World(database)
    await world.put(tenant, people(40))
    asked = await world.extracts.request(clerk(tenant), wish())
    await world.extracts.agree(clerk(tenant, "cd"), asked.id)
    assert [one.id for one in await world.extracts.waiting(tenant)] == [asked.id]
    world.now += VALID
    with pytest.raises(ResourceNotFound):
        await world.extracts.make(clerk(tenant), asked.id)
    assert not await world.extracts.waiting(tenant)


async def test_what_is_no_longer_reached_does_not_leave(database: Database, tenant: str) -> None:
    world = World(database)
    await world.put(tenant, people(40))
    asked = await world.extracts.request(clerk(tenant), wish())
    await world.extracts.agree(clerk(tenant, "cd"), asked.id)
    await world.put(tenant, [resident("odd", birthDate="1920-01-01", district="kagawa", needsCare=True)])
    with pytest.raises(BadRequestData, match="k=1"):
        await world.extracts.make(clerk(tenant), asked.id)


@pytest.mark.parametrize(
    "scope", [Scope("t", "anonymous:"), Scope("t", "staff:ab", "counter"), Scope("t", "resident:ab", "family")]
)
async def test_nobody_else_extracts(database: Database, scope: Scope) -> None:
    world = World(database)
    for asked in (
        world.extracts.preview(scope, wish()),
        world.extracts.request(scope, wish()),
        world.extracts.agree(scope, "x"),
        world.extracts.make(scope, "x"),
    ):
        with pytest.raises((Unauthenticated, Forbidden)):
            await asked
    assert not world.processed


@pytest.mark.parametrize(
    "given",
    [
        {"k": 1},
        {"k": 2},
        {"l": 1},
        {"kind": "raw"},
        {"third_party": True},
        {"format": "xlsx"},
        {"columns": ()},
        {"columns": ("needsCare",) * 2, "sensitive": ()},
        {"columns": ("shoeSize",), "sensitive": ()},
        {"columns": ("name",), "sensitive": ()},
        {"columns": ("birthDate",), "sensitive": ()},
        {"sensitive": ("district", "birthDate/20", "needsCare")},
        {"sensitive": ("household",)},
        {"recipient": " "},
        {"basis": ""},
        {"series": "x" * 201},
        {"type": "District"},
    ],
)
async def test_what_cannot_be_extracted(database: Database, tenant: str, given: dict[str, Any]) -> None:
    world = World(database)
    await world.put(tenant, people(10))
    with pytest.raises(KairoError) as refused:
        await world.extract(tenant, wish(**given))
    assert refused.value.status in {400, 404}
    assert refused.value.detail_ja


async def test_an_empty_population_is_no_extract(database: Database, tenant: str) -> None:
    world = World(database)
    await world.put(tenant, [])
    with pytest.raises(BadRequestData, match="nobody is left"):
        await world.extract(tenant, wish())


def test_the_secret_is_made_once_and_read_by_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "extracts.key"
    found = kept_secret(path)
    assert kept_secret(path) == found
    assert len(found) == 32
    assert path.stat().st_mode & 0o077 == 0
    path.write_bytes(b"short")
    with pytest.raises(StartError):
        kept_secret(path)
