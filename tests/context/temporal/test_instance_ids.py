"""Does an instance's id lead back to it, and does it tell nothing else?"""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.context.model.names import NONE
from kairo.context.temporal.instance_ids import instance_id, read_instance_id

MOMENTS = st.datetimes(datetime.fromisoformat("1970-01-01"), datetime.fromisoformat("2200-01-01"), timezones=st.just(UTC))
DATASETS = st.one_of(st.just(NONE), st.text(min_size=1).map(lambda text: f"urn:{text}"))


@given(MOMENTS, st.integers(0, 999_999), DATASETS, DATASETS)
def test_there_and_back(at: datetime, number: int, dataset: str, other: str) -> None:
    key = read_instance_id(instance_id(at, number, dataset))
    assert key is not None
    assert (key.at, key.number) == (at, number)
    assert key.is_of(dataset)
    assert key.is_of(other) == (other == dataset)


@pytest.mark.parametrize(
    "text", ["urn:ngsi-ld:Instance:1", "urn:ngsi-ld:Instance:2026-13-01T00:00:00Z:0", "urn:x:2026-01-01T00:00:00Z:0"]
)
def test_other_uris_are_none(text: str) -> None:
    assert read_instance_id(text) is None
