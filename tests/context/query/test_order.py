"""Is orderBy read rightly, and does a position in an order come back as it was, and nothing else as one? (CIM 009 4.23)"""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.context.query import parse_order
from kairo.context.query.order import Direction, Order, OrderTerm
from kairo.context.query.positions import read_position, write_position
from kairo.context.query.tree import Path
from kairo.errors import BadRequestData


def test_terms_directions_and_paths(terms: Any) -> None:
    found = parse_order("name, temperature;desc,address[city];asc,Building.observedAt,type", None, None, None, terms)
    assert found is not None
    assert found.terms == (
        OrderTerm(Path(("name",))),
        OrderTerm(Path(("temperature",)), Direction.DESCENDING),
        OrderTerm(Path(("address",), ("city",))),
        OrderTerm(Path(("https://example.org/Building", "observedAt"))),
        OrderTerm(Path(("type",))),
    )


def test_no_order_is_none(terms: Any) -> None:
    assert parse_order(None, None, None, None, terms) is None


def test_another_order_has_another_digest(terms: Any) -> None:
    asked: list[tuple[str, Any]] = [("a", None), ("b", None), ("a;desc", None), ("a,b", None), ("a;dist-asc", "[1,2]")]
    asked += [("a;dist-asc", "[1,3]"), ("a;dist-desc", "[1,3]")]
    orders = [parse_order(text, place, None, None, terms) for text, place in asked]
    assert len({order.digest for order in orders if order is not None}) == len(asked)


ORDER = Order((OrderTerm(Path(("a",))), OrderTerm(Path(("b",)), Direction.DESCENDING)))
columns = st.tuples(
    st.integers(-100, 9),
    st.decimals(allow_nan=False, allow_infinity=False, places=3),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=100),
)


@given(columns, columns, st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_a_position_comes_back_as_it_was(first: Any, second: Any, id: str) -> None:
    position = (*first, *second, id)
    text = write_position(ORDER, position)
    assert read_position(ORDER, text) == position
    assert text.replace("-", "").replace("_", "").isalnum()


@given(st.one_of(st.text(max_size=60), st.binary(max_size=60).map(lambda raw: raw.decode("latin-1"))))
def test_nothing_else_is_a_position(text: str) -> None:
    with pytest.raises(BadRequestData):
        read_position(ORDER, text)


@pytest.mark.parametrize(
    "position",
    [
        (0, Decimal(1), "a", 0, Decimal(1), "a"),
        (0, "x", "a", 0, Decimal(1), "a", "id"),
        ("0", Decimal(1), "a", 0, Decimal(1), "a", "id"),
        (True, Decimal(1), "a", 0, Decimal(1), "a", "id"),
        (10**9, Decimal(1), "a", 0, Decimal(1), "a", "id"),
        (0, Decimal("NaN"), "a", 0, Decimal(1), "a", "id"),
        (0, Decimal("Infinity"), "a", 0, Decimal(1), "a", "id"),
        (0, "1" * 500, "a", 0, Decimal(1), "a", "id"),
        (0, Decimal(1), "a\0", 0, Decimal(1), "a", "id"),
        (0, Decimal(1), 5, 0, Decimal(1), "a", "id"),
        (0, Decimal(1), "a", 0, Decimal(1), "a", None),
    ],
)
def test_a_position_that_was_changed_is_refused(position: tuple[object, ...]) -> None:
    with pytest.raises(BadRequestData):
        read_position(ORDER, write_position(ORDER, position))
