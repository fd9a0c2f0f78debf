"""Is JSON read strictly, and said clearly where it is not?"""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.context.model.jsontext import as_body, canonical, dumps, loads, loads_stored
from kairo.errors import InvalidRequest, KairoError


class _DuplicateError(ValueError):
    pass


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise _DuplicateError
    return dict(pairs)


def _refuse(token: str) -> float:
    raise ValueError(token)


def _float(token: str) -> float:
    number = float(token)
    if number in (float("inf"), float("-inf")):
        raise ValueError(token)
    return number


def _integer(token: str) -> int:
    number = int(token)
    if not -(2**63) <= number < 2**64:
        raise ValueError(token)
    return number


def _depth(value: Any) -> int:
    if isinstance(value, dict | list):
        return 1 + max((_depth(item) for item in (value.values() if isinstance(value, dict) else value)), default=0)
    return 0


def _texts(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(key + _texts(item) for key, item in value.items())
    return "".join(map(_texts, value)) if isinstance(value, list) else value if isinstance(value, str) else ""


def _strict(body: bytes) -> Any:
    """What the standard library accepts when it is asked to be strict."""
    text = body.decode()
    if text.startswith("\ufeff") or not text.strip(" \t\r\n"):
        raise ValueError("no text")
    value = json.loads(text, object_pairs_hook=_pairs, parse_constant=_refuse, parse_float=_float, parse_int=_integer)
    found = _texts(value)
    found.encode()  # unpaired surrogates
    if "\0" in found or _depth(value) > 64:
        raise ValueError("not storable")
    return value


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"\xef\xbb\xbf{}", "BOM"),
        (b"\xff\xfe{\x00", "BOM"),
        (b'{"a": "\x82\xa0"}', "not UTF-8"),
        (b'{"a": 1, "a": 2}', '"a" stands twice'),
        (b'{"a" :1,\n"b":{"c":"x:y","c":2}}', "line 2, column 16"),
        (b'{"a\\u003a": 1, "a:": 2}', "stands twice"),
        (b'{"k":{"a":"\\u003a","a":1}}', "/k/a"),
        (b'[{"x":1},{"x/y":{"z":1,"z":1}}]', "/1/x~1y/z"),
        (b'{"a": NaN}', "NaN is not a JSON number"),
        (b'{"a": -Infinity}', "-Infinity is not a JSON number"),
        (b'{"a": 1e400}', "infinity"),
        (b'{"a": 18446744073709551616}', "beyond 64 bits"),
        (b'{"a": [0, -9223372036854775809]}', "/a/1"),
        (b'{"a": ' + b"9" * 6000 + b"}", "not JSON"),
        (b'{"a": "\\ud800"}', "surrogate"),
        (b'{"a": "x\\u0000"}', "U+0000"),
        (b'{"a\\u0000": 1}', "U+0000"),
        (b"[" * 65 + b"]" * 65, "more than 64 levels"),
        (b"[" * 5000 + b"]" * 5000, "more than 64 levels"),
        (b'{"a":1}}', "not JSON"),
        (b"[1,]", "trailing comma"),
        (b'{\n  "a" 1}', "line 2, column 7"),
    ],
)
def test_refused_with_reason(body: bytes, says: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        loads(body)
    assert says in caught.value.detail
    assert caught.value.detail_ja


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":"\\\\u0000"}',
        b'{"a":"\\u003a","b":"\\\\u003a"}',
        b"[" * 64 + b"]" * 64,
        b'{"a":[' + b'{"b":"[[[[{{{{"},' * 80 + b"1]}",
        '{"名前":"𠮷野家 ﾊﾝｶｸ","e":"\\ud83d\\ude00"}'.encode(),
        b"18446744073709551615",
        b' {"a" : 1 , "b" : "x:y" } ',
        b"0.12345678901234567890",
    ],
)
def test_accepted(body: bytes) -> None:
    assert loads(body) == json.loads(body)


_PARTS = ['{"a":', '"a"', ",", "}", "[", "]", ":", "1", "\\u003a", '"\\u003a"', '"b":2', " ", "-1e9", '"{:["', "null"]
_letters = st.text(alphabet='{}[]",:\\u0a3de-+.1 \n\tnulltruefasNI\ud83d', max_size=30)
_bytes = st.one_of(
    st.binary(max_size=20),
    _letters.map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.lists(st.sampled_from(_PARTS), max_size=14).map(lambda parts: "".join(parts).encode()),
)


@given(_bytes)
def test_agrees_with_the_standard_library(body: bytes) -> None:
    try:
        expected = _strict(body)
    except (ValueError, RecursionError):
        with pytest.raises(KairoError):
            loads(body)
    else:
        assert canonical(loads(body)) == canonical(expected)


_keys = st.sampled_from(["a", "b", "a:", ":", "\\", '"', "\u3042"])
_trees = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.text(alphabet='a:"\\{[]}é𠮷\n', max_size=6)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.lists(st.tuples(_keys, inner), max_size=4).map(tuple)),
    max_leaves=12,
)


def _write(tree: Any, escape: bool) -> str:
    """JSON in which objects (tuples of pairs) may repeat keys."""
    if isinstance(tree, tuple):
        return "{" + " , ".join(f"{_write(key, escape)} :{_write(item, escape)}" for key, item in tree) + "}"
    if isinstance(tree, list):
        return "[" + ",".join(_write(item, escape) for item in tree) + "]"
    text = json.dumps(tree, ensure_ascii=escape)
    return text.replace(":", "\\u003A") if escape and isinstance(tree, str) else text


@given(_trees, st.booleans())
def test_finds_every_duplicate_key(tree: Any, escape: bool) -> None:
    body = _write(tree, escape).encode()
    try:
        expected = _strict(body)
    except _DuplicateError:
        with pytest.raises(InvalidRequest, match="stands twice"):
            loads(body)
    else:
        assert canonical(loads(body)) == canonical(expected)


def test_writing() -> None:
    assert dumps({"名": "山口"}) == '{"名":"山口"}'.encode()
    assert canonical({"b": 1, "a": True}) == b'{"a":true,"b":1}'
    assert canonical(True) != canonical(1)
    assert loads_stored(b"10000000000000000000000") == 1e22


@pytest.mark.parametrize(
    "value", [{"a": "x\0y"}, {"a\0": 1}, {"a": "\ud800"}, {"\udfff": 1}, {"a": [2**64]}, {1: 2}, {"a": {1, 2}}]
)
def test_what_no_body_could_hold_is_refused_from_programs_too(value: Any) -> None:
    with pytest.raises(InvalidRequest):
        as_body(value)


def test_what_a_body_could_hold_is_taken_from_programs() -> None:
    value = {"a": ["\\u0000", "日本\U0001f600", 1, 1.5, None, True], "b:c": {"d": {}}}
    assert as_body(value) == value
