"""Do the cells of a cover hold every box that touches it? The laws of the quadtree."""

from hypothesis import given
from hypothesis import strategies as st

from kairo.context.query.cells import LEVELS, Box, cell_of, cover

longitudes, latitudes = st.floats(-180, 180), st.floats(-90, 90)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    west, east = sorted((draw(longitudes), draw(longitudes)))
    south, north = sorted((draw(latitudes), draw(latitudes)))
    return west, south, east, north


@st.composite
def small_boxes(draw: st.DrawFn) -> Box:
    lon, lat = draw(st.floats(131, 132)), draw(st.floats(34, 35))
    return lon, lat, lon + draw(st.floats(0, 0.05)), lat + draw(st.floats(0, 0.05))


def touches(one: Box, other: Box) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def covered(key: int, wanted: list[Box]) -> bool:
    lows, highs = cover(wanted)
    return any(low <= key <= high for low, high in zip(lows, highs, strict=True))


@given(stored=st.one_of(boxes(), small_boxes()), asked=st.one_of(boxes(), small_boxes()))
def test_what_touches_is_covered(stored: Box, asked: Box) -> None:
    if touches(stored, asked):
        assert covered(cell_of(stored), [asked])


@given(lon=longitudes, lat=latitudes)
def test_a_point_has_the_finest_cell(lon: float, lat: float) -> None:
    assert cell_of((lon, lat, lon, lat)) & 31 == LEVELS


@given(asked=small_boxes())
def test_a_cover_is_small(asked: Box) -> None:
    assert len(cover([asked])[0]) <= 16 * (LEVELS + 1)


def test_far_away_is_not_covered() -> None:
    yamaguchi, tokyo = (131.4, 34.1, 131.5, 34.2), (139.7, 35.6, 139.7, 35.6)
    assert not covered(cell_of(tokyo), [yamaguchi])
