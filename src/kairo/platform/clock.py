"""What time is it? The one place that asks the machine; everything else is handed an aware UTC time."""

from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")


class Clock(Protocol):
    """Gives the present moment, aware and in UTC."""

    def __call__(self) -> datetime: ...


def system_clock() -> datetime:
    """The machine's time, aware, in UTC, to the microsecond."""
    return datetime.now(UTC)


_EPOCH = datetime.fromtimestamp(0, UTC)
_last = (_EPOCH, "1970-01-01T00:00:00Z")


def iso(moment: datetime) -> str:
    """An NGSI-LD DateTime (CIM 009 4.6.3): ISO 8601 in UTC with a trailing Z; fractions only where there are any."""
    global _last  # noqa: PLW0603 - the moment of a commit is written for each of its entities
    last, text = _last
    if last is not moment:
        if moment.tzinfo is None:
            raise ValueError("a time without zone: pass an aware datetime")
        text = moment.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
        _last = (moment, text)
    return text
