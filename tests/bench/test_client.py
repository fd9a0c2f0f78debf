"""Are waits and paces what they are called?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.client import Round, length_of, percentiles

WAITS = st.lists(st.floats(0, 1000, allow_nan=False), min_size=1, max_size=300)


@given(WAITS)
def test_a_percentile_is_the_least_that_so_many_do_not_exceed(waits: list[float]) -> None:
    for percent, found in zip((50, 99), percentiles(waits), strict=True):
        assert found in waits
        assert sum(wait <= found for wait in waits) * 100 >= percent * len(waits)
        assert sum(wait < found for wait in waits) * 100 < percent * len(waits)


def test_nothing_has_no_percentiles() -> None:
    assert percentiles([]) == []


def test_a_round_ends_with_its_number() -> None:
    one = Round(iter([b"a", b"b", b"c"]), seconds=60, most=2)
    assert [found and found[0] for found in (one.next(), one.next(), one.next())] == [b"a", b"b", None]


def test_a_round_ends_with_its_requests() -> None:
    one = Round(iter([b"a"]), seconds=60, most=9)
    assert [found and found[0] for found in (one.next(), one.next())] == [b"a", None]


def test_a_paced_round_spreads_its_requests() -> None:
    one = Round(iter([b"a"] * 9), seconds=60, most=9, pace=0.1)
    dues = [found[1] for found in (one.next(), one.next(), one.next()) if found is not None]
    assert dues == pytest.approx([0, 10, 20], abs=1)


def test_a_paced_round_ends_before_what_would_be_too_late() -> None:
    one = Round(iter([b"a"] * 9), seconds=15, most=9, pace=0.1)
    assert [found is not None for found in (one.next(), one.next(), one.next())] == [True, True, False]


def test_an_answer_without_length_has_no_body() -> None:
    assert length_of(b"http/1.1 204 no content\r\nx: 1") == 0
    assert length_of(b"http/1.1 200 ok\r\ncontent-length: 17\r\nx: 1") == 17
