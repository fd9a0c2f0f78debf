"""Do charts tell the truth? Laws of scales and geometry that hold for any numbers."""

import itertools
import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.platform.web.charts import AgeGroup, Bars, Columns, DataTable, Line, Long, Pyramid, Series, Target
from kairo.platform.web.charts.long import extremes
from kairo.platform.web.charts.scales import NARROW, WIDE, Scale, apart, fixed, round_step, thinned, ticks, value_ticks

amounts = st.floats(-1e9, 1e9, allow_nan=False).map(lambda value: round(value, 3))
positive = st.floats(0, 1e7, allow_nan=False).map(lambda value: round(value, 2))
SIZES = st.sampled_from([NARROW, WIDE])


@given(amounts, amounts, st.integers(1, 12))
def test_ticks_cover_the_values_in_even_steps(one: float, two: float, most: int) -> None:
    low, high = min(one, two), max(one, two)
    found = ticks(low, high, most)
    slack = 1e-6 * max(abs(low), abs(high), 1)
    assert found[0] <= low + slack
    assert found[-1] >= high - slack
    steps = {round(b - a, 6) for a, b in itertools.pairwise(found)}
    assert len(found) >= 2
    assert max(steps) - min(steps) <= 1e-5 * max(steps)
    assert len(found) <= most + 2


@given(st.floats(1e-6, 1e12), st.integers(1, 20))
def test_steps_are_round_and_few(span: float, most: int) -> None:
    step = round_step(span, most)
    lead = step / 10 ** math.floor(math.log10(step) + 1e-9)
    assert any(math.isclose(lead, each, rel_tol=1e-6) for each in (1, 2, 2.5, 5))
    assert span / step <= most * (1 + 1e-6)


@given(st.lists(positive, min_size=1, max_size=20))
def test_bars_begin_at_zero(values: list[float]) -> None:
    assert value_ticks(values)[0] == 0


@given(st.integers(0, 400), st.integers(1, 30))
def test_labels_are_evenly_thinned(count: int, most: int) -> None:
    shown = thinned(count, most)
    assert len(shown) <= max(most, 1) or count <= most
    assert shown[:1] == ([0] if count else [])
    assert len({b - a for a, b in itertools.pairwise(shown)}) <= 1


@given(st.lists(st.floats(0, 200, allow_nan=False), min_size=1, max_size=6))
def test_labels_stand_apart_in_their_order(wanted: list[float]) -> None:
    placed = apart(wanted, 20, 0, 200)
    ordered = sorted(placed)
    assert all(b - a >= 20 - 1e-6 for a, b in itertools.pairwise(ordered))
    for a, b in ((a, b) for a in range(len(wanted)) for b in range(len(wanted)) if wanted[a] < wanted[b]):
        assert placed[a] < placed[b]
    assert max(placed) <= 200 + 1e-6


@given(amounts, amounts)
def test_scale_hits_its_ends(low: float, high: float) -> None:
    scale = Scale(low, high, 10, 300)
    assert scale(low) == 10
    if high != low:
        assert math.isclose(scale(high), 300, rel_tol=1e-9)


@given(st.lists(st.one_of(st.none(), amounts), min_size=2, max_size=30), SIZES, st.booleans())
def test_a_line_keeps_every_value_inside_and_leaves_gaps(values: list[float | None], size: object, zero: bool) -> None:
    chart = Line("l", "t", tuple(str(n) for n in range(len(values))), (Series("s", tuple(values)),), from_zero=zero)
    if not any(value is not None for value in values):
        assert chart.drawings == ()
        return
    drawn = chart.draw(size)  # type: ignore[arg-type]
    marks = drawn.series[0].marks
    assert len(marks) == sum(value is not None for value in values)
    assert all(drawn.left <= mark.x <= drawn.right and drawn.top - 1 <= mark.y <= drawn.bottom + 1 for mark in marks)
    runs = sum(1 for at, value in enumerate(values) if value is not None and (at == 0 or values[at - 1] is None))
    assert drawn.series[0].solid.count("M") == runs
    assert drawn.series[0].dashed == ""


@given(st.lists(amounts, min_size=2, max_size=20), st.integers(1, 19))
def test_larger_values_stand_higher_and_projections_are_dashed(values: list[float], turn: int) -> None:
    turn = min(turn, len(values) - 1)
    chart = Line("l", "t", tuple(map(str, range(len(values)))), (Series("s", tuple(values), turn),))
    drawn = chart.draw(NARROW)
    marks = drawn.series[0].marks
    for a, b in zip(range(len(values)), range(1, len(values)), strict=False):
        if values[a] < values[b]:
            assert marks[a].y >= marks[b].y
    assert [mark.projected for mark in marks] == [at >= turn for at in range(len(values))]
    assert drawn.series[0].dashed.startswith("M")
    assert drawn.projection is not None
    assert drawn.projection < marks[turn].x


@given(st.lists(st.one_of(st.none(), amounts), min_size=1, max_size=12), SIZES)
def test_lying_bars_are_as_long_as_their_values(values: list[float | None], size: object) -> None:
    chart = Bars("b", "t", tuple((f"n{at}", value) for at, value in enumerate(values)))
    if not chart.drawings:
        return
    rows = chart.draw(size).rows  # type: ignore[arg-type]
    for one in range(len(values)):
        for two in range(len(values)):
            if abs(values[one] or 0) <= abs(values[two] or 0):
                assert rows[one].bar.width <= rows[two].bar.width + 1e-6
    assert all(row.bar.x >= -1e-6 and row.bar.x + row.bar.width <= 680 for row in rows)


@given(st.lists(st.tuples(positive, positive, positive), min_size=1, max_size=8), SIZES)
def test_a_stack_is_as_high_as_its_sum(rows: list[tuple[float, float, float]], size: object) -> None:
    series = tuple((f"s{rank}", tuple(row[rank] for row in rows)) for rank in range(3))
    drawn = Columns("c", "t", tuple(map(str, range(len(rows)))), series, mode="stacked").draw(size)  # type: ignore[arg-type]
    totals = [sum(row) for row in rows]
    heights = [sum(bar.height for bar in drawn.bars[at * 3 : at * 3 + 3]) for at in range(len(rows))]
    most = max(totals)
    if most > 0:
        tallest = heights[totals.index(most)]
        for total, height in zip(totals, heights, strict=True):
            assert math.isclose(height, tallest * total / most, abs_tol=0.01)
    for lower, upper in zip(drawn.bars, drawn.bars[1:], strict=False):
        if lower.x == upper.x:
            assert math.isclose(upper.y + upper.height, lower.y, abs_tol=0.01)


def test_what_cannot_be_drawn_honestly_is_refused() -> None:
    with pytest.raises(ValueError, match="stacked"):
        Columns("c", "t", ("a",), (("s", (-1,)),), mode="stacked")
    with pytest.raises(ValueError, match="six"):
        Line("l", "t", ("a",), tuple(Series(str(n), (1,)) for n in range(7)))
    with pytest.raises(ValueError, match="values for"):
        Line("l", "t", ("a", "b"), (Series("s", (1,)),))


@given(st.lists(st.tuples(positive, positive), min_size=1, max_size=21), SIZES)
def test_both_sides_of_a_pyramid_have_one_scale(people: list[tuple[float, float]], size: object) -> None:
    groups = tuple(AgeGroup(str(at), male, female) for at, (male, female) in enumerate(people))
    if not any(male or female for male, female in people):
        return
    drawn = Pyramid("p", "t", groups).draw(size)  # type: ignore[arg-type]
    most = max(max(pair) for pair in people)
    longest = max(bar.width for bar in drawn.bars)
    flat = [value for pair in reversed(people) for value in pair]
    for bar, value in zip(drawn.bars, flat, strict=True):
        assert math.isclose(bar.width, longest * value / most, abs_tol=0.01)
        assert bar.x >= 0
        assert bar.x + bar.width <= drawn.size.width


@pytest.mark.parametrize(
    ("begin", "end", "now", "share"),
    [(10, 20, 15, 0.5), (9.2, 6.1, 9.2, 0.0), (9.2, 6.1, 6.1, 1.0), (10, 20, 5, -0.5), (10, 20, 30, 2.0), (5, 5, 5, None)],
)
def test_progress_counts_from_baseline_to_target(begin: float, end: float, now: float, share: float | None) -> None:
    target = Target("k", "t", ("2020", begin), (("2027", end),), now=("2025", now))
    assert target.progress == (None if share is None else pytest.approx(share))
    cut = target.share(now)
    assert cut is None or 0 <= cut <= 1


def test_targets_in_words_have_no_bar() -> None:
    target = Target("k", "t", ("2021", "0地域"), (("2024", "実証"), ("2027", None)), now=("2025", 3))
    assert target.progress is None
    assert target.stations == ()
    assert [step.text for step in target.steps] == ["0地域", "実証", "－"]


@given(st.lists(st.one_of(st.none(), amounts), min_size=1, max_size=800))
def test_thinning_keeps_the_peaks_and_the_ends(values: list[float | None]) -> None:
    kept = extremes(tuple(values), 40)
    known = [value for value in values if value is not None]
    chosen = [values[at] for at in kept if values[at] is not None]
    assert kept == sorted(set(kept))
    assert {0, len(values) - 1} <= set(kept)
    assert len(kept) <= 82
    if known:
        assert (min(known), max(known)) == (min(chosen), max(chosen))  # type: ignore[type-var]


def test_a_long_series_gives_the_script_everything() -> None:
    begin = datetime(2026, 11, 1, tzinfo=UTC)
    chart = Long("l", "t", tuple(begin + timedelta(hours=n) for n in range(900)), (("s", tuple(float(n) for n in range(900))),))
    assert len(chart.data["times"]) == 900  # type: ignore[arg-type]
    assert len(chart.table.rows) <= 82
    assert chart.drawings


def test_a_series_of_minutes_has_seconds() -> None:
    begin = datetime(2026, 11, 1, tzinfo=UTC)
    for count, last in ((60, "2026-11-01 09:00:59"), (1300, "2026-11-01 09:21")):
        times = tuple(begin + timedelta(seconds=second) for second in range(count))
        chart = Long("l", "t", times, (("s", tuple(float(second) for second in range(count))),))
        assert chart.table.rows[-1][0] == last


def test_csv_opens_in_excel_and_runs_no_formula() -> None:
    table = DataTable(("項目", "値"), (("=1+1", 3), ('"髙橋", <様>', None)), "人")
    assert table.csv() == '\ufeff項目,値（人）\r\n\'=1+1,3\r\n"""髙橋"", <様>",\r\n'.encode()
    with pytest.raises(ValueError, match="cells"):
        DataTable(("a",), (("b", 1),))


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (-0.04, "0"), (12.34, "12.3"), (5.0, "5"), (100.0, "100")])
def test_coordinates_are_short(value: float, text: str) -> None:
    assert fixed(value) == text
