"""Is a recorded statement the same when pgbench sends it?"""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.pgbench import Fresh, literal, script
from bench.recording import _pieces, _plans_once, _request
from tests.conftest import run_apart

BEGIN = ("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL app.tenant = 'x'", ())


def test_parameters_get_names_and_stand_where_they_stood() -> None:
    text, values = script([("SELECT $2::text[], $1, $1::jsonb, $3", ("a", ["b"], None))], 7, None)
    assert "SELECT :p7_0_2::text[], :p7_0_1, :p7_0_1::jsonb, :p7_0_3;" in text.splitlines()
    assert values == {"p7_0_1": "a", "p7_0_2": '{"b"}'}  # what pgbench does not know is NULL


def test_parameters_are_read_once() -> None:
    lines = script([("SELECT $1", ("a",))], 7, None)[0].splitlines()
    assert lines[0] == "\\if :is_read_7 = 0"
    assert lines[2:4] == ["\\set is_read_7 1", "\\endif"]


def test_what_is_written_anew_gets_numbers_of_its_own() -> None:
    rows = b'[{"id":"urn:x:7770000000001","change":7770000000002}]'
    text, _ = script([BEGIN, ("INSERT $1, $2::jsonb", ("x", rows)), ("COMMIT", ())], 1, 777_000_000)
    lines = text.splitlines()
    assert "INSERT :p1_1_1, replace(:p1_1_2, '777000000', :fresh)::jsonb;" in lines
    assert "\\set fresh :fresh + 1" in lines
    assert lines[-4:] == [*(part + ";" for part in BEGIN[0].split("; ")), lines[-2], "COMMIT;"]


def test_beginnings_are_never_handed_out_twice() -> None:
    fresh = Fresh()
    first, second = fresh.take(3), fresh.take()
    assert second == first + 3
    assert len(str(first)) == len(str(second)) == 9


async def read(url: str, text: str, kind: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(f"SELECT $1::text::{kind}", text)
    finally:
        await connection.close()


@given(texts=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=9), max_size=4))
def test_an_array_is_read_by_postgres_as_it_was(postgres_url: str, texts: list[str]) -> None:
    assert run_apart(read(postgres_url, literal(texts), "text[]")) == texts


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, "bool"),
        (3, "bigint"),
        (2.5, "float8"),
        (datetime(2026, 4, 1, 9, 30, 0, 1, UTC), "timestamptz"),
        (timedelta(days=3, minutes=10), "interval"),
        ([1, 2], "bigint[]"),
        ('{"a": "ä"}', "jsonb"),
    ],
)
def test_postgres_reads_every_kind(postgres_url: str, value: object, kind: str) -> None:
    assert run_apart(read(postgres_url, literal(value), kind)) == value


def test_a_transaction_is_one_piece() -> None:
    log = [("SELECT 1", ()), BEGIN, ("INSERT", ()), ("COMMIT", ()), ("SET app.tenant = 'x'", ()), ("SELECT 2", ())]
    assert [[sql for sql, _ in piece] for piece in _pieces(log)] == [["SELECT 1"], [BEGIN[0], "INSERT", "COMMIT"], ["SELECT 2"]]


@pytest.mark.parametrize(("mode", "once"), [("force_generic_plan", True), ("auto", False)])
def test_that_a_session_plans_once_is_told(mode: str, once: bool) -> None:
    session = (f"SET app.tenant = 'x'; SET plan_cache_mode = {mode}", ())
    assert _plans_once([("SELECT 1", ()), session, ("SELECT 2", ("force_generic_plan",))]) is once


def test_a_raw_request_is_asked_as_it_is() -> None:
    scope, body = _request(b"POST /a/b?c=1&d=2 HTTP/1.1\r\nHost: x:1\r\nContent-Length: 2\r\n\r\n{}")
    assert (scope["method"], scope["path"], scope["query_string"], body) == ("POST", "/a/b", b"c=1&d=2", b"{}")
    assert scope["headers"] == [(b"host", b"x:1"), (b"content-length", b"2")]
