"""Does whatever is done to the log behind the program's back show, by name; and does what is well say so?"""

from pathlib import Path
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kairo.platform.db import Database
from kairo.trust.disclosure import tree
from kairo.trust.disclosure.proving import store as proving
from kairo.trust.disclosure.proving.heads import Head
from kairo.trust.disclosure.proving.keys import Keys
from kairo.trust.disclosure.proving.verifying import Verified, verify
from tests.conftest import run_apart
from tests.context.granting.world import NOW
from tests.trust.disclosure.signed import ROWS, SIGNED, TENANT, leaves


async def verified(database: Database, folder: Path, *outside: Head) -> Verified:
    said: list[tuple[int, int]] = []
    keys = Keys(folder, lambda: NOW).public()
    found = await verify(database, TENANT, keys, outside, lambda done, of: said.append((done, of)))
    assert not said or said[-1] == (found.size, found.size) or found.problems
    return found


async def after(url: str, folder: Path, *statements: str, outside: tuple[Head, ...] = ()) -> list[str]:
    """What is found after these statements of the owner, which are then taken back: the verification runs in their transaction."""
    owner = await asyncpg.connect(url, server_settings={"app.tenant": TENANT})
    for kind in ("jsonb", "json"):
        await owner.set_type_codec(kind, schema="pg_catalog", encoder=bytes.decode, decoder=str.encode)
    turn = owner.transaction()
    await turn.start()
    try:
        for statement in statements:
            await owner.execute(statement)
        return (await verified(Inside(owner), folder, *outside)).problems  # type: ignore[arg-type]
    finally:
        await turn.rollback()
        await owner.close()


class Inside:
    """A database whose every reading is on one connection."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def reading(self, tenant: str) -> "Inside":
        assert tenant == TENANT
        return self

    async def __aenter__(self) -> Any:
        return self._connection

    async def __aexit__(self, *_: object) -> None:
        return None


async def test_a_log_that_nobody_touched(filled: str, database: Database, folder: Path) -> None:
    found = await verified(database, folder)
    assert (found.problems, found.size, found.heads, found.signed) == ([], ROWS, len(SIGNED), SIGNED[-1])


async def test_a_tenant_without_a_log(filled: str, database: Database) -> None:
    found = await verify(database, "nowhere", {}, [], lambda *_: None)
    assert (found.problems, found.size) == ([], 0)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE disclosure_look SET principal = 'application:else' WHERE seq = 17",
        "UPDATE disclosure_look SET purpose = 'statistics' WHERE seq = 17",
        "UPDATE disclosure_look SET at = at + interval '1 microsecond' WHERE seq = 17",
        "UPDATE disclosure_look SET kind = 'processing' WHERE seq = 17",
        "UPDATE disclosure_look SET what = '?' WHERE seq = 17",
        "UPDATE disclosure_look SET entities = 1 WHERE seq = 17",
        "UPDATE disclosure_look SET persons = decode(repeat('ab', 16), 'hex') WHERE seq = 17",
        """UPDATE disclosure_look SET parts = '[{"types": ["Resident"], "attributes": [], "bases": ["consent"]}]' WHERE seq = 17""",
        "UPDATE disclosure_look SET leaf = sha256('') WHERE seq = 17",
        "DELETE FROM disclosure_subject WHERE seq = 17",
        "UPDATE disclosure_subject SET part = 1 WHERE seq = 17",
        "INSERT INTO disclosure_subject VALUES ('352039', 17, '\\xab', 0)",
        "UPDATE disclosure_subject SET subject = sha256(subject) WHERE seq = 17",
    ],
)
async def test_a_changed_row_is_named(filled: str, folder: Path, change: str) -> None:
    found = await after(filled, folder, change)
    assert found[0] == "row 17: it was changed after it was written"
    assert [one for one in found[1:] if not one.startswith("rows 0 to 19: other rows were signed")] == []


async def test_rows_that_changed_places_are_named(filled: str, folder: Path) -> None:
    change = [
        "UPDATE disclosure_look SET seq = -1 WHERE seq = 17",
        "UPDATE disclosure_look SET seq = 17 WHERE seq = 18",
        "UPDATE disclosure_look SET seq = 18 WHERE seq = -1",
    ]
    found = await after(filled, folder, *change)
    assert found[:2] == [f"row {number}: it was changed after it was written" for number in (17, 18)]
    assert len(found) == 3, "and what was signed over them"


async def test_a_row_that_was_taken_out_is_named(filled: str, folder: Path) -> None:
    gone = "DELETE FROM disclosure_look WHERE seq = 17"
    persons = "DELETE FROM disclosure_subject WHERE seq = 17"
    heads = ["rows 0 to 19: other rows were signed on 2026-04-01T00:00:00Z (key "]
    found = await after(filled, folder, gone, persons)
    assert found[0] == "row 17: it was taken out"
    assert [one[: len(heads[0])] for one in found[1:]] == heads, "nothing else is wrong but what was signed over it"
    assert (await after(filled, folder, gone))[0] == "row 17: it was taken out, its persons were not"


async def test_rows_that_were_moved_up_are_named(filled: str, folder: Path) -> None:
    """Taken out, and the next ones numbered anew so that no gap shows."""
    change = [
        "DELETE FROM disclosure_look WHERE seq = 295",
        *(f"UPDATE disclosure_look SET seq = {number} WHERE seq = {number + 1}" for number in range(295, 299)),
    ]
    found = await after(filled, folder, *change)
    assert found[:4] == [f"row {number}: it was changed after it was written" for number in range(295, 299)]
    assert found[4].startswith("row 299: it was taken out")


async def test_the_last_rows_taken_out_with_all_that_tells_of_them(filled: str, folder: Path) -> None:
    """What the attacker leaves is a whole log of fewer rows; a signed head tells that there were more."""
    kept = (await leaves(filled))[:270]
    found = await after(filled, folder, *_refit(kept, cut=True))
    assert len(found) == 1
    assert found[0].startswith("the head of 280 rows of 2026-04-01T00:00:00Z: there are only 270 rows")


async def test_a_row_put_in_behind_the_end_is_named(filled: str, folder: Path) -> None:
    copied = (
        "INSERT INTO disclosure_look SELECT tenant, 300, at, kind, principal, persons, purpose, parts, entities, what, leaf"
        " FROM disclosure_look WHERE seq = 17"
    )
    assert await after(filled, folder, copied) == ["row 300: a row was put in behind the end of the log"]
    stray = "INSERT INTO disclosure_subject VALUES ('352039', 555, '\\xab', 0)"
    assert await after(filled, folder, stray) == ["row 555: a person was put in behind the end of the log"]


async def test_a_row_changed_with_its_hash(filled: str, folder: Path) -> None:
    changed = await _changed_with_leaf(filled, 33)
    assert await after(filled, folder, changed) == [
        "rows 32 to 47: the hash over them is that of other rows: one was changed together with its own hash"
    ]


async def test_a_row_changed_with_all_above_it_is_seen_by_the_signed_heads(filled: str, folder: Path) -> None:
    changed = await _changed_with_leaf(filled, 33)
    kept = await leaves(filled)
    kept[33] = bytes.fromhex(changed.rpartition("\\x")[2].partition("'")[0])
    found = await after(filled, folder, changed, *_refit(kept))
    assert [one[:44] for one in found] == [
        "rows 20 to 99: other rows were signed on 202",
        "rows 20 to 279: other rows were signed on 20",
    ]


async def test_what_is_done_to_the_tree_itself(filled: str, folder: Path) -> None:
    assert await after(filled, folder, "DELETE FROM disclosure_node WHERE level = 4 AND position = 3") == [
        "rows 48 to 63: the hash over them was taken out"
    ]
    (found,) = await after(filled, folder, "UPDATE disclosure_tree SET frontier = sha256('') || frontier")
    assert found == "rows 288 to 299: the tree ends otherwise than the log says"
    beyond = "INSERT INTO disclosure_node VALUES ('352039', 4, 18, sha256(''))"
    assert await after(filled, folder, beyond) == ["row 288: a hash was put in behind the end of the log"]


async def test_heads_that_are_not_genuine(filled: str, folder: Path, tmp_path: Path) -> None:
    (found,) = await after(filled, folder, "UPDATE disclosure_head SET signature = sha256('') || sha256('') WHERE size = 100")
    assert "its signature is not that of the key" in found
    (found,) = await after(filled, folder, "UPDATE disclosure_head SET at = at + interval '1 day' WHERE size = 100")
    assert "its signature is not that of the key" in found
    key = Keys(tmp_path, lambda: NOW).current()
    (found,) = await after(filled, folder, outside=(Head.signed(TENANT, 5, NOW, b"", key),))
    assert "is not known here" in found
    key = Keys(folder, lambda: NOW).current()
    (found,) = await after(filled, folder, outside=(Head.signed("132098", 5, NOW, b"", key),))
    assert "it is of tenant 132098" in found
    (found,) = await after(filled, folder, outside=(Head.signed(TENANT, 301, NOW, b"", key),))
    assert "there are only 300 rows" in found
    (found,) = await after(filled, folder, outside=(Head.signed(TENANT, 300, NOW, bytes(32), key),))
    assert found.startswith("rows 280 to 299: other rows were signed")


async def test_all_rows_gone(filled: str, folder: Path) -> None:
    found = await after(filled, folder, "DELETE FROM disclosure_look", "DELETE FROM disclosure_subject")
    assert found[0] == "rows 0 to 299: all of them were taken out"


MUTATIONS = (
    "DELETE FROM disclosure_look WHERE seq = {seq}",
    "UPDATE disclosure_look SET purpose = purpose || '.' WHERE seq = {seq}",
    "UPDATE disclosure_look SET leaf = sha256(leaf) WHERE seq = {seq}",
    "DELETE FROM disclosure_subject WHERE seq = {seq}",
    "UPDATE disclosure_subject s SET subject = sha256(s.subject) WHERE seq = {seq}",
    "UPDATE disclosure_node SET hash = sha256(hash) WHERE level = 4 AND position = {seq} % 18",
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, ROWS - 1), st.sampled_from(MUTATIONS))
def test_any_change_is_found_where_it_is(filled: str, folder: Path, seq: int, mutation: str) -> None:
    found = run_apart(after(filled, folder, mutation.format(seq=seq)))
    if "disclosure_node" in mutation:
        low = seq % 18 * 16
        assert any(one.startswith(f"rows {low} to {low + 15}: the hash") for one in found)
    else:
        assert any(one.startswith(f"row {seq}: ") for one in found)


async def _changed_with_leaf(url: str, seq: int) -> str:
    """A statement that changes a row's purpose, and its hash with it."""
    async with await Database.open(url, size=1) as database, database.reading(TENANT) as connection:
        rows, _ = await proving.rows(connection, TENANT, seq, seq + 1)
    record = rows[seq].record
    record.purpose = "statistics"
    return f"UPDATE disclosure_look SET purpose = 'statistics', leaf = '\\x{record.leaf().hex()}' WHERE seq = {seq}"


def _refit(hashes: list[bytes], *, cut: bool = False) -> list[str]:
    """Statements that make the kept tree that of these leaves."""
    grown, nodes = tree.Tree(), []

    def settled(level: int, position: int, found: bytes) -> bytes:
        nodes.append(f"('{TENANT}', {level}, {position}, '\\x{found.hex()}')")
        return found

    for leaf in hashes:
        grown.append(leaf, settled)
    tables = ("look", "subject") if cut else ()
    return [
        *(f"DELETE FROM disclosure_{table} WHERE seq >= {len(hashes)}" for table in tables),
        "DELETE FROM disclosure_node",
        f"INSERT INTO disclosure_node VALUES {', '.join(nodes)}",
        f"UPDATE disclosure_tree SET size = {len(hashes)}, frontier = '\\x{grown.kept().hex()}'",
    ]
