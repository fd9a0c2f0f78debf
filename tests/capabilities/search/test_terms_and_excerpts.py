"""Is a query read as meant, and are the right characters of a hit marked?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.capabilities.search.excerpts import LONGEST, cut, excerpt, mark
from kairo.capabilities.search.normalise import fold
from kairo.capabilities.search.terms import LONGEST as LONGEST_QUERY
from kairo.capabilities.search.terms import MOST_TERMS, Terms, after, escaped, loosened


@pytest.mark.parametrize("text", ["", " ", "　", "。、！", "々", "\u200b", "（）"])
def test_nothing_to_look_for(text: str) -> None:
    assert Terms.of(text).words == ()


def test_words() -> None:
    assert Terms.of("　山口　図書館 山口 ").words == ("山口", "図書館")
    assert Terms.of("コミュニティセンター").words == ("こみゆにていせんた",)
    assert Terms.of("ー").words == ("-",)


def test_limits() -> None:
    terms = Terms.of(" ".join(str(number) * 2 for number in range(1000)))
    assert len(terms.words) == MOST_TERMS
    assert len(terms.whole) <= LONGEST_QUERY
    assert len(Terms.of("山" * 100_000).words[0]) == LONGEST_QUERY


def test_loosened() -> None:
    text = "山口市立図書館の開館時間"
    assert loosened(text, Terms.of(text)).words == ("山口市立図書館", "開館時間")
    assert loosened("図書館", Terms.of("図書館")).words == ()


@given(st.text(st.sampled_from("a%_\\山"), max_size=8))
def test_like_takes_it_literally(text: str) -> None:
    assert escaped(text).replace("\\\\", "").replace("\\%", "").replace("\\_", "").count("%") == 0


@given(st.text(min_size=1, max_size=3), st.text(max_size=3))
def test_the_range_of_a_gram(gram: str, more: str) -> None:
    if gram[-1] != chr(0x10FFFF):
        assert gram.encode() <= (gram + more).encode() < after(gram).encode()


def test_marks_are_on_the_original() -> None:
    marked = mark("ﾔﾏｸﾞﾁ・渡邊邸（やまぐち）", ("やまぐち", "渡辺"))
    assert [text for text, on in marked.pieces() if on] == ["ﾔﾏｸﾞﾁ", "渡邊", "やまぐち"]
    assert "".join(text for text, _ in marked.pieces()) == str(marked)


@given(st.text(max_size=300), st.lists(st.text(max_size=3).map(fold), max_size=3))
def test_marks_are_in_order(text: str, terms: list[str]) -> None:
    marked = cut(mark(text, terms))
    assert len(marked.text) <= LONGEST + 2
    edges = [edge for pair in marked.ranges for edge in pair]
    assert edges == sorted(edges)
    assert all(0 <= edge <= len(marked.text) for edge in edges)
    assert "".join(piece for piece, _ in marked.pieces()) == marked.text


def test_the_line_with_most_words_is_shown() -> None:
    lines = ["山口市亀山町2番1号", "あ" * 300 + "図書館と山口" + "い" * 300]
    found = excerpt("\n".join(lines), "\n".join(map(fold, lines)), ("図書館", "山口"))
    assert found.text.startswith("…")
    assert found.text.endswith("…")
    assert [text for text, on in found.pieces() if on] == ["図書館", "山口"]
    assert excerpt("", "", ("図書館",)).text == ""
