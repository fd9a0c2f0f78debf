"""Is a body that is not counted always one that could not bring too much?"""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.context.model.amount import may_be_many, require_few_attributes
from kairo.errors import BadRequestData

instances: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.integers(0, 9), st.just({})),
    lambda inner: st.one_of(st.lists(inner, max_size=6), st.dictionaries(st.sampled_from("abcdef"), inner, max_size=5)),
    max_leaves=25,
)


def is_too_much(payload: Any, most: int) -> bool:
    try:
        require_few_attributes([payload], most)
    except BadRequestData:
        return True
    return False


@given(payload=st.dictionaries(st.sampled_from("abcdef"), instances, max_size=6), most=st.integers(0, 12))
def test_what_brings_too_much_is_long_enough_to_be_counted(payload: Any, most: int) -> None:
    if is_too_much(payload, most):
        assert may_be_many(orjson.dumps(payload), most)


@pytest.mark.parametrize(("body", "counted"), [(b'{"a":[{},{},{}]}', True), (b'{"a":1}', False)])
def test_a_short_body_is_not_counted(body: bytes, counted: bool) -> None:
    assert may_be_many(body, 3) is counted
