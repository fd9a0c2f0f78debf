"""When is a number in what somebody writes taken for a 個人番号? The check digit, and a name or the text that says so; both, not one.

The numbers here are counted up from digits that nobody chose for a person; they have the check digit, as one in eleven has.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.platform.personal_numbers import is_personal_number, means_personal_number, said_to_be_personal_number


def with_check_digit(eleven: str) -> str:
    return next(eleven + digit for digit in "0123456789" if is_personal_number(eleven + digit))


NUMBER = with_check_digit("99999999999")
WRONG = NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10)


@pytest.mark.parametrize(
    "name",
    ["myNumber", "my_number", "MYNUMBER", "individualNumber", "personalNumber", "個人番号", "マイナンバー", "ﾏｲﾅﾝﾊﾞｰ", "kojin-bango",
     "https://example.org/vocab#myNumber", "https://example.org/個人番号"],
)  # fmt: skip
def test_names_that_mean_it(name: str) -> None:
    assert means_personal_number(name)


@pytest.mark.parametrize(
    "name", ["number", "myNumberCard", "corporateNumber", "法人番号", "licenceNumber", "meter", "", "mynumbers/of"]
)
def test_names_that_do_not(name: str) -> None:
    assert not means_personal_number(name)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("myNumber", {"type": "Property", "value": NUMBER}, True),
        ("myNumber", {"type": "Property", "value": int(NUMBER)}, True),
        ("myNumber", {"type": "Property", "value": f"{NUMBER[:4]} {NUMBER[4:8]} {NUMBER[8:]}"}, True),
        ("myNumber", [{"type": "Property", "value": "x"}, {"type": "Property", "value": NUMBER, "datasetId": "urn:d"}], True),
        ("myNumber", {"type": "Property", "value": WRONG}, False),
        ("myNumber", {"type": "Property", "value": True}, False),
        ("meter", {"type": "Property", "value": NUMBER}, False),
        ("meter", {"type": "Property", "value": int(NUMBER)}, False),
        ("meter", {"type": "Property", "value": "x", "マイナンバー": {"type": "Property", "value": NUMBER}}, True),
        ("note", {"type": "Property", "value": f"マイナンバーは{NUMBER}です"}, True),
        ("note", {"type": "Property", "value": f"my number: {NUMBER}"}, True),
        ("note", {"type": "Property", "value": f"マイナンバーは{WRONG}です"}, False),
        ("note", {"type": "Property", "value": f"お客様番号 {NUMBER}"}, False),
        ("note", {"type": "Property", "value": "マイナンバーカードの受け取り"}, False),
        ("form", {"type": "JsonProperty", "json": {"a": [{"individualNumber": NUMBER}]}}, True),
        ("note", {"type": "LanguageProperty", "languageMap": {"ja": f"個人番号 {NUMBER}"}}, True),
        ("list", {"type": "ListProperty", "valueList": ["x", f"個人番号 {NUMBER}"]}, True),
        ("person", {"type": "Relationship", "object": f"urn:x:{NUMBER}"}, False),
        ("myNumber", {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [131.4, 34.1]}}, False),
    ],
)
def test_what_is_taken_for_one(name: str, value: Any, expected: bool) -> None:
    assert said_to_be_personal_number(name, value) is expected


@given(st.text(st.characters(codec="utf-8"), max_size=12), st.integers(0, 10**11 - 1))
def test_a_number_alone_is_never_enough_and_with_its_name_always(before: str, eleven: int) -> None:
    number = with_check_digit(f"{eleven:011d}") if eleven else NUMBER
    assert said_to_be_personal_number("myNumber", f"{number}")
    if not means_personal_number(before):
        assert not said_to_be_personal_number(before, f"{number}")
