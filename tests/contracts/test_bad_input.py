"""Is bad input refused with words that help, in the asker's language, and nothing half written?"""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.context.api.broker import Asker, Broker, ok, refused

MEBIBYTE = 1024 * 1024
JSON = {"Content-Type": "application/json"}


def raw(id: str, rest: str) -> bytes:
    return f'{{"id": "{id}", "type": "OpenThing", {rest}}}'.encode("utf-8", "surrogatepass")


MALFORMED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "empty"),
    "half": (b'{"id": "urn:a:1", ', "line 1"),
    "not utf-8": (b'{"id": "urn:a:\xff"}', "UTF-8"),
    "a byte order mark": (b"\xef\xbb\xbf{}", "byte order mark"),
    "NaN": (raw("urn:bad:1", '"a": NaN'), "NaN"),
    "Infinity": (raw("urn:bad:1", '"a": {"value": -Infinity}'), "Infinity"),
    "a number too large": (raw("urn:bad:1", '"a": 1e999'), "infinity"),
    "an integer too large": (raw("urn:bad:1", f'"a": {2**64}'), "64"),
    "a very long integer": (raw("urn:bad:1", f'"a": {"9" * 5000}'), "infinity"),
    "duplicate keys": (raw("urn:bad:1", '"a": 1, "b": {"x": 1, "x": 2}'), "x"),
    "duplicate escaped keys": (raw("urn:bad:1", '"a": 1, "\\u0061": 2'), "a"),
    "half a surrogate pair": (raw("urn:bad:1", '"a": "\\ud83d"'), "surrogate"),
    "a raw surrogate": (raw("urn:bad:1", '"a": "\ud83d"'), "UTF-8"),
    "NUL": (raw("urn:bad:1", '"a": "x\\u0000y"'), "U+0000"),
    "NUL in a key": (raw("urn:bad:1", '"a\\u0000": 1'), "U+0000"),
    "deep nesting": (raw("urn:bad:1", '"a": {"value": ' + "[" * 100 + "]" * 100 + "}"), "64"),
    "abysmal nesting": (b"[" * 200_000, "64"),
    "abysmal objects": (b'{"a":' * 100_000, "64"),
    "a comma too many": (raw("urn:bad:1", '"a": 1,'), "line 1"),
    "a comment": (b'{"id": "urn:bad:1" /* no */}', "line 1"),
}


@pytest.mark.parametrize("name", MALFORMED)
async def test_what_is_no_json_of_ours(administrator: Asker, broker: Broker, name: str) -> None:
    body, hint = MALFORMED[name]
    for url in ("/entities", "/entityOperations/upsert"):
        problem = refused(await administrator.post(url, content=body, headers=JSON), 400, "InvalidRequest")
        assert hint.lower() in problem["detail"].lower()
        assert problem["mend"]
    refused(await administrator.get("/entities/urn:bad:1"), 404)
    assert await broker.rows("history", tenant=broker.settings.tenant, entity="urn:bad:1") == []


BOW_TIE = [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]
SQUARE = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]
WRONG: dict[str, tuple[Any, str]] = {
    "crosses itself": ({"type": "Polygon", "coordinates": [BOW_TIE]}, "cross"),
    "a hole outside": ({"type": "Polygon", "coordinates": [SQUARE, [[9, 9], [9, 8], [8, 8], [9, 9]]]}, "cross"),
    "crosses itself among others": ({"type": "MultiPolygon", "coordinates": [[SQUARE], [BOW_TIE]]}, "cross"),
    "not closed": ({"type": "Polygon", "coordinates": [SQUARE[:4]]}, "closed"),
    "swapped": ({"type": "Point", "coordinates": [34.18, 131.47]}, "swapped"),
    "outside": ({"type": "Point", "coordinates": [500, 500]}, "180"),
    "no coordinates": ({"type": "Point"}, "coordinates"),
    "texts": ({"type": "Point", "coordinates": ["131", "34"]}, "numbers"),
    "a circle": ({"type": "Circle", "coordinates": [1, 2]}, "Polygon"),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_no_geometry(administrator: Asker, name: str) -> None:
    geometry, hint = WRONG[name]
    entity = {"id": "urn:bad:2", "type": "OpenThing", "a": 1, "location": {"type": "GeoProperty", "value": geometry}}
    problem = refused(await administrator.post("/entities", json=entity), 400, "BadRequestData")
    assert hint in problem["detail"]
    assert problem["detail"].startswith("/location/value"), "it says where"
    refused(await administrator.get("/entities/urn:bad:2"), 404)


@pytest.mark.parametrize(
    "q",
    [
        "",
        "a==",
        "a==1;",
        "(a",
        "a)",
        "a=1",
        "a~=(",
        "a==1..",
        '"',
        "a.b.",
        "a[",
        "==1",
        "a==1 b",
        "a~=^(a+)+$",
        "(" * 100 + "a" + ")" * 100,
    ],
)
async def test_what_is_no_q(administrator: Asker, q: str) -> None:
    answer = await administrator.get("/entities", params={"type": "OpenThing", "q": q})
    if q == "a~=^(a+)+$":  # a pattern that would take for ever elsewhere is read, and cannot take long
        assert answer.elapsed.total_seconds() < 1
        return
    problem = refused(answer, answer.status_code)
    assert answer.status_code in {400, 403}
    assert problem["detail"].startswith("q")


async def test_a_body_of_200_megabytes_is_not_read(broker: Broker, administrator: Asker) -> None:
    read = 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(200):
            read += MEBIBYTE
            yield b" " * MEBIBYTE

    headers = [(name.encode(), value.encode()) for name, value in administrator.headers.items()]
    headers = [*(item for item in headers if item[0] != b"content-length"), (b"content-type", b"application/json")]
    for path in (b"/entities", b"/entityOperations/create", b"/jsonldContexts"):
        read = 0
        refused(await broker.raw("POST", b"/ngsi-ld/v1" + path, headers, parts()), 411, "length-required")
        assert read == 0, "what does not say how long it is is not read at all (6.3.4)"
        answer = await broker.raw("POST", b"/ngsi-ld/v1" + path, [*headers, (b"content-length", b"5")], parts())
        problem = refused(answer, 413, "payload-too-large")
        assert "smaller parts" in problem["mend"]
        assert read <= broker.settings.max_body_bytes + MEBIBYTE, "no more is read than one part beyond the limit"
        read = 0
        declared = [*headers, (b"content-length", str(200 * MEBIBYTE).encode())]
        refused(await broker.raw("POST", b"/ngsi-ld/v1" + path, declared, parts()), 413, "payload-too-large")
        assert read == 0, "what says that it is too large is not read at all"


@pytest.mark.parametrize("length", [b"\xb2", b"9" * 5000, b"-1", b"", b"1e9", b"\xd9\xa3"])
async def test_a_content_length_that_is_no_number(broker: Broker, administrator: Asker, length: bytes) -> None:
    headers = [(b"authorization", administrator.headers["authorization"].encode()), (b"content-type", b"application/json")]
    answer = await broker.raw("POST", b"/ngsi-ld/v1/entities", [*headers, (b"content-length", length)])
    refused(answer, 400, "InvalidRequest")


async def test_a_connection_that_ends_within_the_body(broker: Broker, administrator: Asker) -> None:
    async def broken(message: list[Any]) -> Any:
        return message.pop(0)

    messages = [
        {"type": "http.request", "body": b'{"id": "urn:bad:3", "type": "OpenThing"}', "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Any] = []

    async def receive() -> Any:
        return await broken(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(name.lower().encode(), value.encode()) for name, value in administrator.headers.items()]
    headers.append((b"content-length", b"80"))
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/ngsi-ld/v1/entities",
        "raw_path": b"/ngsi-ld/v1/entities",
        "query_string": b"",
    }
    await broker.api({**scope, "headers": [*headers, (b"content-type", b"application/json")]}, receive, send)
    assert sent[0]["status"] == 400
    refused(await administrator.get("/entities/urn:bad:3"), 404)


@pytest.mark.parametrize(
    ("language", "japanese"),
    [("ja", True), ("ja-JP,ja;q=0.9,en;q=0.8", True), ("en", False), ("en,ja;q=0.9", False), ("", False), ("*", False)],
)
async def test_errors_speak_the_askers_language(administrator: Asker, language: str, japanese: bool) -> None:
    headers = {"Accept-Language": language}
    entity = {"id": "urn:bad:4", "type": "OpenThing", "location": {"type": "Point", "coordinates": [34.18, 131.47]}}
    for answer in (
        await administrator.get("/entities/urn:bad:4", headers=headers),
        await administrator.get("/nowhere", headers=headers),
        await administrator.get("/entities", headers=headers),
        await administrator.get("/entities", params={"type": "A", "q": "a=="}, headers=headers),
        await administrator.get("/entities", params={"surprise": "1"}, headers=headers),
        await administrator.post("/entities", json=entity, headers=headers),
        await administrator.post("/entities", content=b"{", headers={**headers, **JSON}),
        await administrator.post("/entities", content=b"{}", headers={**headers, "Content-Type": "text/plain"}),
        await administrator.get("/types", headers={**headers, "NGSILD-Tenant": "nobody"}),
        await administrator.get("/types", headers={**headers, "Authorization": "Bearer x"}),
        await administrator.get("/types", headers={**headers, "Accept": "text/html"}),
        await administrator.put("/types", headers=headers),
        await administrator.get("/types", headers={**headers, "NGSILD-Tenant": "A"}),
    ):
        problem = refused(answer, answer.status_code)
        assert problem["title"].isascii() != japanese, problem
        assert is_japanese(problem["detail"]) or not japanese, problem
        assert problem["detail"].isascii() or japanese or "本庁舎" in problem["detail"], problem


def is_japanese(text: str) -> bool:
    return any("\u3040" <= character <= "\u9fff" for character in text)


async def test_text_is_kept_as_written(administrator: Asker) -> None:
    text = "<b>\"'=;()</b> ＡＢＣ ｶﾅ 髙﨑 葛󠄀城 \u202e e\u0301 🈁 \\ \x7f \u2028"
    entity = {"id": "urn:good:1", "type": "OpenThing", "note": {"type": "Property", "value": text}}
    found = await administrator.entity(await administrator.made(entity))
    assert found == entity
    answer = ok(await administrator.get("/entities", params={"q": f"note=={json.dumps(text, ensure_ascii=False)}"}))
    assert [item["id"] for item in answer.json()] == ["urn:good:1"]
