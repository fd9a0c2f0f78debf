"""Are regular expressions read, refused and matched as POSIX and PostgreSQL do, and never slow?"""

import re
import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kairo.context.query.pattern import Pattern, PatternError


@pytest.mark.parametrize(
    ("source", "text", "found"),
    [
        ("b", "abc", True),
        ("^b", "abc", False),
        ("c$", "abc", True),
        ("^$", "", True),
        ("^$", "x", False),
        ("", "anything", True),
        ("c$", "abc\n", False),
        ("a.c", "a\nc", True),
        ("a|^b$", "b", True),
        ("^(ab)+$", "ababab", True),
        ("^(?:ab){2,3}$", "abababab", False),
        ("^a{2}$", "aa", True),
        ("^a{0}$", "", True),
        ("^a{2,}$", "aaaa", True),
        ("^[^a-c]+$", "xyz", True),
        ("^[]x]+$", "x]", True),
        ("^[a-]+$", "a-", True),
        ("^[[:digit:][:space:]]+$", "1 2", True),
        (r"^[\d.]+$", "1.5", True),
        (r"^\D+$", "abc", True),
        (r"\.", "a.b", True),
        ("(?i)^TÊTE", "têtes", True),
        ("(?i)^[a-c]$", "B", True),
        ("^山口.*校$", "山口市立小学校", True),
        ("\U0001f600+", "x\U0001f600", True),
        (r"\u3042", "あ", True),
        ("(a*)*b", "aaab", True),
        (r"^[^\s\S]", "a", False),
    ],
)
def test_a_text_matches(source, text, found):
    assert Pattern.read(source).search(text) is found


@pytest.mark.parametrize(
    "source",
    [
        "(",
        ")",
        "[a",
        "a**",
        "*a",
        "+",
        "a{2,1}",
        "a{256}",
        "a{",
        "[b-a]",
        "[[:foo:]]",
        "[[.a.]]",
        "\\",
        "\\1",
        "(?=a)",
        r"\bx",
        "^*",
        "(a{99}){99}",
        "(" * 50 + ")" * 50,
        "[a-\\d]",
        "\\u00",
        "\\u0000",
    ],
)
def test_what_is_no_expression_or_not_offered_is_refused(source):
    with pytest.raises(PatternError):
        Pattern.read(source)


def test_catastrophic_expressions_are_fast():
    started = time.perf_counter()
    assert not Pattern.read("^(a+)+(a|aa)*(a*)*$").search("a" * 20_000 + "b")
    assert time.perf_counter() - started < 2


ATOMS = st.sampled_from(["a", "b", "c", ".", "[ab]", "[^a]", "^", "$", r"\d", "1", r"\.", "日"])
SOURCES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: "(" + "|".join(parts) + ")"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "{0,}"])).map(
            lambda pair: f"(?:{pair[0]}x?){pair[1]}"
        ),
    ),
    max_leaves=6,
)
TEXTS = st.text("abc1.x日\n", max_size=8)


@settings(max_examples=300, deadline=None)
@given(SOURCES, TEXTS)
def test_it_agrees_with_python(source, text):
    python = re.compile(source.replace("$", r"\Z"), re.DOTALL | re.ASCII)
    assert Pattern.read(source).search(text) is (python.search(text) is not None)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_it_agrees_with_postgresql(trial, data):
    source, text = data.draw(SOURCES), data.draw(TEXTS)
    pattern = Pattern.read(source)
    assert trial.run(trial.connection.fetchval("SELECT $1::text ~ $2::text", text, pattern.sql)) is pattern.search(text)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("ab()[]{}|*+?^$.\\,-:=1dDwu")), max_size=15))
def test_any_source_is_read_or_refused(source):
    with suppress(PatternError):
        Pattern.read(source).search("ab1")
