"""Does parse_q read the Query Language of CIM 009 4.9, and say well what it cannot read?"""

from contextlib import suppress
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kairo.context.query import parse_q, paths
from kairo.context.query.tree import (
    Absent,
    And,
    Boolean,
    Compares,
    Day,
    Equals,
    Exists,
    Instant,
    Like,
    Linked,
    Number,
    Or,
    Order,
    Path,
    Range,
    Text,
    TimeOfDay,
)
from kairo.errors import BadRequestData, KairoError, OperationNotSupported, TooComplexQuery
from tests.context.query.conftest import SmallContext

SPEED = Path(("speed",))


def number(text: str) -> Number:
    return Number(Decimal(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("speed", Exists(SPEED)),
        ("!speed", Absent(SPEED)),
        ("speed==20", Equals(SPEED, (number("20"),))),
        ("speed!=20", Equals(SPEED, (number("20"),), negated=True)),
        ("speed<-2.5e3", Compares(SPEED, Order.LESS, number("-2.5e3"))),
        ("speed<=0", Compares(SPEED, Order.LESS_OR_EQUAL, number("0"))),
        ("speed>1", Compares(SPEED, Order.GREATER, number("1"))),
        ("speed>=1", Compares(SPEED, Order.GREATER_OR_EQUAL, number("1"))),
        ("speed==10..20", Equals(SPEED, (Range(number("10"), number("20")),))),
        ("speed==1.5..2.5", Equals(SPEED, (Range(number("1.5"), number("2.5")),))),
        ('speed=="a", "b"', Equals(SPEED, (Text("a", "a"), Text("b", "b")))),
        ("speed==true", Equals(SPEED, (Boolean(True),))),
        ("speed==urn:ngsi-ld:X:1", Equals(SPEED, (Text("urn:ngsi-ld:X:1", "urn:ngsi-ld:X:1"),))),
        ("speed==2017-12-24T12:00:00,5Z", Equals(SPEED, (Instant(datetime(2017, 12, 24, 12, 0, 0, 500_000, UTC)),))),
        ("speed==2017-12-24", Equals(SPEED, (Day(date(2017, 12, 24)),))),
        ("speed>12:00:00Z", Compares(SPEED, Order.GREATER, TimeOfDay(time(12)))),
        (r'speed=="a\"b;c(d)e' + "'|,\"", Equals(SPEED, (Text("a\"b;c(d)e'|,", "a\"b;c(d)e'|,"),))),
        ('speed=="Building"', Equals(SPEED, (Text("Building", "https://example.org/Building"),))),
    ],
)
def test_a_term_is_read(terms, text, expected):
    assert parse_q(text, terms) == expected


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a.b.c", Path(("a", "b", "c"))),
        ("a[b.c]", Path(("a",), ("b", "c"))),
        ("a.b[c]", Path(("a", "b"), ("c",))),
        ("a[b][c]", Path(("a",), ("b", "c"))),
        ("a[b].c", Path(("a",), ("b", "c"))),
        ("name[ja-x-easy]", Path(("name",), ("ja-x-easy",))),
        ("name[*]", Path(("name",), ("*",))),
        ('a["x.y z"]', Path(("a",), ("x.y z",))),
        ("Building", Path(("https://example.org/Building",))),
        ("schema:name", Path(("schema:name",))),
        ("避難所名", Path(("避難所名",))),
        ("か\u3099く", Path(("か\u3099く",))),
        ("speed.observedAt", Path(("speed", "observedAt"))),
    ],
)
def test_a_path_is_read(terms, text, path):
    assert list(paths(parse_q(text, terms))) == [path]


def test_and_binds_tighter_than_or(terms):
    assert parse_q("a;b|c", terms) == Or((And((Exists(Path(("a",))), Exists(Path(("b",))))), Exists(Path(("c",)))))


def test_parentheses_bind_tightest(terms):
    assert parse_q("a;(b|c)", terms) == And((Exists(Path(("a",))), Or((Exists(Path(("b",))), Exists(Path(("c",)))))))


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (r'a~="^b\d"', r"^b\d"),
        (r'a~="^b\\d"', r"^b\d"),
        (r'a~="say \"hi\""', 'say "hi"'),
        (r"a~=^b(c|d);x", r"^b(c|d)"),
        (r"a~=[;|)]x|y", r"[;|)]x"),
        (r"(a~=x\)y)", r"x\)y"),
    ],
)
def test_a_pattern_stands_in_quotes_or_not(terms, text, source):
    q = parse_q(text, terms)
    first = q.parts[0] if isinstance(q, And | Or) else q
    assert isinstance(first, Like)
    assert first.pattern.source == source


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 1),
        ("  ", 3),
        ("a=5", 2),
        ("a==", 4),
        ("a==Male", 4),
        ("a==007", 4),
        ("a==+5", 4),
        ("a==1e999", 4),
        ("a>true", 3),
        ("a>urn:x:y", 3),
        ("a==1..true", 4),
        ("a==1..2,3", 8),
        ("a==1,2..3", 7),
        ("a==2020-02-30", 4),
        ("a==2020-01-01T00:00:00+09:00", 4),
        ("a==2020-01-01T00:00:00.1234567Z", 4),
        ('a=="open', 4),
        (r'a=="\q"', 4),
        (r'a=="\u0000"', 4),
        (r'a=="\ud800"', 4),
        ("a[b", 4),
        ("a[]", 3),
        ("a.value==1", 3),
        ("a.wert==1", 3),
        ("a..b", 2),
        ("type==1", 1),
        ("alias==1", 1),
        ("a.observedAt[x]", 1),
        ("a.observedAt.b", 1),
        ("(a", 3),
        ("a)", 2),
        ("a;", 3),
        ("a==1 2", 6),
        ('a~="(b"', 7),
        ("a\0b", 1),
        ("１==2", 1),
    ],
)
def test_a_mistake_is_placed(terms, text, position):
    with pytest.raises(BadRequestData) as caught:
        parse_q(text, terms)
    assert caught.value.members["position"] == position


def test_a_mistake_is_said_in_two_languages_with_the_right_form(terms):
    with pytest.raises(BadRequestData) as caught:
        parse_q("name==Kobe", terms)
    assert caught.value.detail.startswith('q, character 7 before "Kobe": needs a value here; a text stands in double quotes')
    assert caught.value.detail_ja is not None
    assert "二重引用符" in caught.value.detail_ja


def test_what_is_not_offered_says_so(terms):
    with pytest.raises(OperationNotSupported):
        parse_q("a.b.modifiedAt", terms)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sensor{humidity}==40", Linked("sensor", (), Equals(Path(("humidity",)), (number("40"),)))),
        ("sensor{Building:a.b[c]}", Linked("sensor", ("https://example.org/Building",), Exists(Path(("a", "b"), ("c",))))),
        ("a{A,B:b{ c }}>1", Linked("a", ("A", "B"), Linked("b", (), Compares(Path(("c",)), Order.GREATER, number("1"))))),
        ("!a{b}", Linked("a", (), Exists(Path(("b",))), negated=True)),
    ],
)
def test_queries_through_linked_entities(terms, text, expected):
    assert parse_q(text, terms, join_level=2) == expected


@pytest.mark.parametrize(("text", "level"), [("a{b}", 0), ("a{b{c}}", 1), ("x|a{b{c{d}}}", 2)])
def test_a_query_goes_as_deep_as_the_request_joins(terms, text, level):
    with pytest.raises(BadRequestData, match="too deep"):
        parse_q(text, terms, join_level=level)


@pytest.mark.parametrize("text", ["a{b", "a{}", "a{b}}", "a.b{c}", "a{b}c==1", "a[b]{c}", "{a}", "a{:b}", "a{B,:b}"])
def test_malformed_queries_through_linked_entities(terms, text):
    with pytest.raises(BadRequestData):
        parse_q(text, terms, join_level=3)


@pytest.mark.parametrize(
    "text",
    ["(" * 40 + "a" + ")" * 40, ";".join(["a"] * 201), "a{b};" * 20 + "a{b}", "a==" + ",".join(["1"] * 1001), "a" * 70_000],
)
def test_a_query_has_limits(terms, text):
    with pytest.raises(TooComplexQuery):
        parse_q(text, terms, join_level=1)


def test_expanded_values_may_be_bare_terms(terms):
    assert parse_q("gender==Male", terms, expand_values=["gender"]) == Equals(
        Path(("gender",)), (Text("https://example.org/Male", "https://example.org/Male"),)
    )


PIECES = st.sampled_from(
    [
        "a",
        "speed",
        "==",
        "!=",
        "<",
        ">=",
        "~=",
        "!~=",
        "..",
        ".",
        "[",
        "]",
        "(",
        ")",
        ";",
        "|",
        ",",
        "!",
        "{",
        "}",
        '"',
        '"b"',
        "\\",
        "1",
        "-2.5",
        "1e9",
        "true",
        "2020-01-01",
        "T",
        "12:00:00Z",
        "urn:x:1",
        " ",
        "観光",
        "createdAt",
        "observedAt",
        "*",
        "�",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=20).map("".join)))
def test_any_text_is_read_or_refused(text):
    with suppress(KairoError):
        parse_q(text, SmallContext(), expand_values=["speed"])
