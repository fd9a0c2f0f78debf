"""Do the rules hold for any numbers: courses of indicators, sums without repeated lines, shares, peaks, money in words?"""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.context.gate import DataClass, Scope
from kairo.errors import Forbidden
from kairo.services.vision import permissions, rules
from kairo.services.vision.rules import BudgetLine, Course

AMOUNTS = st.one_of(st.none(), st.integers(0, 10**8))
NUMBERS = st.one_of(st.none(), st.floats(-1e6, 1e6))
POINTS = st.lists(
    st.tuples(st.integers(1900, 2100), st.integers(-(10**6), 10**6)), min_size=1, unique_by=lambda point: point[0]
).map(sorted)


def line(amount: float | None, repeated: bool) -> BudgetLine:
    return BudgetLine(1, {"ja": "事業"}, "(1)", "課", amount, repeated, {}, {}, 1)


@pytest.mark.parametrize(
    ("baseline", "targets", "declared", "expected"),
    [
        (59.8, (64.6, 67.0), "up", Course.UP),
        (42.3, (37.0, 40.0), None, Course.DOWN),
        (61.7, (61.2, 63.0), None, Course.DIP),
        (68.3, (68, None), None, Course.DOWN),
        (95.7, (None, None), "keep", Course.KEEP),
        (4, (None, None), "up", Course.WORDS),
        (None, (None, None), "keep", Course.KEEP),
        (None, (None, None), None, Course.OPEN),
        (5, (5, 5), None, Course.KEEP),
    ],
)
def test_courses_of_the_document(baseline, targets, declared, expected) -> None:
    assert rules.course(baseline, targets, declared) is expected


@given(NUMBERS, st.tuples(NUMBERS, NUMBERS), st.sampled_from([None, "up", "keep"]))
def test_a_course_agrees_with_its_numbers(baseline, targets, declared) -> None:
    found = rules.course(baseline, targets, declared)
    numbers = [target for target in targets if target is not None]
    if baseline is None or not numbers:
        assert found in {Course.WORDS, Course.KEEP, Course.OPEN}
    else:
        assert (found in {Course.DOWN, Course.DIP}) == any(target < baseline for target in numbers)
        assert found is not Course.WORDS


@given(st.lists(st.builds(line, AMOUNTS, st.booleans())))
def test_repeated_lines_never_count_twice(lines) -> None:
    repeated = [each for each in lines if each.repeated]
    assert rules.once(lines) + rules.printed(repeated) == rules.printed(lines)
    assert rules.once(lines + repeated) == rules.once(lines)
    assert rules.once(repeated) == 0


@given(st.dictionaries(st.text(), st.integers(0, 10**9)))
def test_shares_make_a_hundred(amounts) -> None:
    found = rules.shares(amounts)
    assert found.keys() == amounts.keys()
    if sum(amounts.values()):
        assert sum(found.values()) == pytest.approx(100)
    else:
        assert not any(found.values())


@given(POINTS)
def test_a_peak_is_the_first_highest(points) -> None:
    year, value = rules.peak(points)
    assert all(value >= other for _, other in points)
    assert all(other < value for earlier, other in points if earlier < year)


@given(POINTS)
def test_a_change_is_last_less_first(points) -> None:
    difference, percent = rules.change(points)
    assert points[0][1] + difference == points[-1][1]
    assert (percent is None) == (points[0][1] == 0)


@pytest.mark.parametrize("rule", [rules.peak, rules.change])
def test_no_points_are_refused(rule) -> None:
    with pytest.raises(ValueError, match="at least one"):
        rule([])


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 1000))))
def test_sums_by_key_are_complete_and_ordered(items) -> None:
    found = rules.summed(items, lambda item: item[0], lambda item: item[1])
    assert sum(found.values()) == sum(amount for _, amount in items)
    assert list(found.values()) == sorted(found.values(), reverse=True)


@given(st.integers(0, 10**9))
def test_money_in_words_says_it_all(thousand) -> None:
    words = rules.yen_in_words(thousand).replace(",", "")
    worth = {"億": 100_000, "万": 10, "千": 1}
    assert sum(int(count) * worth[unit] for count, unit in re.findall(r"(\d+)([億万千])", words)) == thousand
    english = rules.yen_in_words(thousand, english=True)
    assert float(english.removeprefix("¥").removesuffix(" million").replace(",", "")) * 1000 == pytest.approx(thousand)


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=30))
def test_a_sparkline_stays_in_its_frame(values) -> None:
    numbers = [float(text) for text in re.findall(r"-?\d+\.\d", rules.sparkline(values, 100, 32))]
    assert len(numbers) == 2 * len(values)
    assert all(0 <= x <= 100 for x in numbers[::2])
    assert all(0 <= y <= 32 for y in numbers[1::2])


def test_permissions_and_their_twins_agree() -> None:
    nobody = Scope("352039", "x")
    reader = Scope("352039", "x", read_classes=frozenset({DataClass.OPEN}))
    writer = Scope("352039", "x", write_classes=frozenset({DataClass.OPEN, DataClass.PERSONAL}))
    for may, check, allowed in (
        (permissions.may_read, permissions.check_read, reader),
        (permissions.may_load, permissions.check_load, writer),
    ):
        assert may(allowed)
        check(allowed)
        assert not may(nobody)
        with pytest.raises(Forbidden):
            check(nobody)
