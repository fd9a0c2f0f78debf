"""Does the Entity Type Selection Language (CIM 009 4.17) select as it says?"""

import pytest

from kairo.context.query import parse_type_selection
from kairo.errors import BadRequestData


@pytest.mark.parametrize(
    ("text", "types", "selected"),
    [
        ("A", {"A"}, True),
        ("A", {"A", "B"}, True),
        ("A", {"B"}, False),
        ("A,B", {"B"}, True),
        ("A|B", {"C"}, False),
        ("(A;B)", {"A"}, False),
        ("(A;B)", {"A", "B", "C"}, True),
        ("(A;B)|C", {"C"}, True),
        ("A,B;C,(D|E)", {"B"}, False),
        ("A,B;C,(D|E)", {"B", "C"}, True),
        ("A,B;C,(D|E)", {"E"}, True),
        ("A;(B|C)", {"A", "C"}, True),
        ("Building", {"https://example.org/Building"}, True),
        ("https://example.org/a#b", {"https://example.org/a#b"}, True),
        ("*", {"anything"}, True),
        ("施設, 避難所", {"避難所"}, True),
    ],
)
def test_types_are_selected(terms, text, types, selected):
    assert parse_type_selection(text, terms).matches(types) is selected


@pytest.mark.parametrize(
    ("text", "single"), [("A", "A"), ("(A)", "A"), ("A,A", "A"), ("A,B", None), ("(A;B)", None), ("*", None)]
)
def test_the_one_type_is_known(terms, text, single):
    assert parse_type_selection(text, terms).single == single


def test_all_names_are_known(terms):
    assert parse_type_selection("(A;B)|C", terms).names == {"A", "B", "C"}


@pytest.mark.parametrize("text", ["", "A,", ",A", "(A", "A)", "A;;B", "A B", "*,A", "1A", '"A"'])
def test_a_mistake_is_refused(terms, text):
    with pytest.raises(BadRequestData):
        parse_type_selection(text, terms)
