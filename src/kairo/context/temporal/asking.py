"""Which instances of the past are asked for, and how are they gathered? The temporal query language (CIM 009 4.11, 5.2.21, 4.5.19)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from kairo.context.model.parse import parse_time
from kairo.context.temporal.periods import Period, parse_period
from kairo.errors import BadRequestData, InvalidRequest

TIME_PARAMETERS = frozenset({"timerel", "timeAt", "endTimeAt", "timeproperty", "lastN", "aggrMethods", "aggrPeriodDuration"})
_RELATIONS = ("before", "after", "between")
_MOST = 1_000_000_000


class TimeProperty(StrEnum):
    """The time of an instance that is compared (4.8)."""

    OBSERVED = "observedAt"
    CREATED = "createdAt"
    MODIFIED = "modifiedAt"
    DELETED = "deletedAt"


class TimeFormat(StrEnum):
    """The representations of 4.5.6 to 4.5.9 and 4.5.19."""

    NORMALIZED = "normalized"
    CONCISE = "concise"
    VALUES = "temporalValues"
    AGGREGATED = "aggregatedValues"


class Method(StrEnum):
    """What is made of the values of a period (4.5.19.1)."""

    TOTAL_COUNT = "totalCount"
    DISTINCT_COUNT = "distinctCount"
    SUM = "sum"
    AVG = "avg"
    MIN = "min"
    MAX = "max"
    STDDEV = "stddev"
    SUMSQ = "sumsq"


@dataclass(frozen=True, slots=True)
class TimeQuery:
    """Instances whose time is at or after `start` and before `end`; of them the last `last_n` of each attribute and dataset.

    `is_lenient`: nothing of time was asked, so instances without an observedAt and deletions are shown too, each at the time
    at which it was entered. `origin` is `timeAt` as it was written, with its zone, where periods can begin there.
    """

    property: TimeProperty = TimeProperty.OBSERVED
    start: datetime | None = None
    end: datetime | None = None
    last_n: int | None = None
    origin: datetime | None = None
    is_lenient: bool = False
    is_named: bool = False  # whether the time property was named, and so is shown


@dataclass(frozen=True, slots=True)
class Aggregation:
    """Which methods, over which periods."""

    methods: tuple[Method, ...]
    period: Period


def read_format(given: Mapping[str, Any], options: frozenset[str]) -> TimeFormat:
    """The representation asked for: `format`, else `options` (6.3.12)."""
    if "format" in given:
        chosen = str(given["format"])
        if chosen not in list(TimeFormat):
            raise InvalidRequest(
                f"format is one of {', '.join(TimeFormat)}, not {chosen[:40]!r}",
                detail_ja=f"format は {'、'.join(TimeFormat)} のいずれかです。",
            )
        return TimeFormat(chosen)
    named = [item for item in TimeFormat if item.value in options]
    if not named and "aggrMethods" in given:
        return TimeFormat.AGGREGATED
    if {TimeFormat.VALUES, TimeFormat.AGGREGATED} <= set(named):
        raise InvalidRequest(
            "options has temporalValues and aggregatedValues; only one of them can be answered (6.3.12)",
            detail_ja="temporalValues と aggregatedValues は同時に指定できません。",
        )
    return named[-1] if named else TimeFormat.NORMALIZED


def read_times(given: Mapping[str, Any], form: TimeFormat, *, required: bool) -> TimeQuery:
    """The temporal query. `required`: a query of many entities needs one (5.7.4.4)."""
    relation = given.get("timerel")
    if relation is None:
        if required:
            raise _fault("timerel", "timerel and timeAt are needed: before, after or between", "timerel と timeAt が必要です")
        for name in ("timeAt", "endTimeAt"):
            if name in given:
                raise _fault("timerel", f"{name} needs timerel: before, after or between", "timerel が必要です")
    elif relation not in _RELATIONS:
        raise _fault(
            "timerel", f"timerel is {', '.join(_RELATIONS)}, not {str(relation)[:40]!r}", "timerel の値が正しくありません"
        )
    start = end = origin = None
    if relation is not None:
        at = _moment(given, "timeAt")
        if relation == "before":
            end = at
        else:
            start = origin = at
        if relation == "between":
            end = _moment(given, "endTimeAt")
            if end <= at:
                raise _fault("endTimeAt", "endTimeAt is not after timeAt", "endTimeAt は timeAt より後の時刻です")
        elif "endTimeAt" in given:
            raise _fault(
                "endTimeAt", "endTimeAt stands with timerel=between only", "endTimeAt は timerel=between でのみ使えます"
            )
    named = given.get("timeproperty")
    if named is not None and named not in list(TimeProperty):
        raise _fault("timeproperty", f"timeproperty is {', '.join(TimeProperty)}", "timeproperty の値が正しくありません")
    last_n = _last_n(given.get("lastN"))
    plain = form in (TimeFormat.NORMALIZED, TimeFormat.CONCISE)
    lenient = plain and relation is None and named is None and last_n is None
    return TimeQuery(TimeProperty(named or "observedAt"), start, end, last_n, origin, lenient, named is not None)


def read_aggregation(given: Mapping[str, Any], form: TimeFormat) -> Aggregation | None:
    """The methods and periods; None where no aggregated values are asked for."""
    if form is not TimeFormat.AGGREGATED:
        for name in ("aggrMethods", "aggrPeriodDuration"):
            if name in given:
                raise _fault(name, f"{name} needs format=aggregatedValues", "format=aggregatedValues が必要です")
        return None
    methods = given.get("aggrMethods")
    names = [name.strip() for name in methods.split(",")] if isinstance(methods, str) else methods
    if not isinstance(names, list) or not names or any(name not in list(Method) for name in names):
        raise _fault("aggrMethods", f"aggrMethods lists some of {', '.join(Method)}", "aggrMethods の値が正しくありません")
    duration = given.get("aggrPeriodDuration", "PT0S")
    if not isinstance(duration, str):
        raise _fault("aggrPeriodDuration", "aggrPeriodDuration is a text such as PT1H", "aggrPeriodDuration は文字列です")
    return Aggregation(tuple(dict.fromkeys(Method(name) for name in names)), parse_period(duration))


def _moment(given: Mapping[str, Any], name: str) -> datetime:
    if name not in given:
        raise _fault(name, f"{name} is needed: a time such as 2026-04-01T00:00:00Z", f"{name} が必要です")
    parse_time(given[name])
    return datetime.fromisoformat(str(given[name]).replace(",", "."))


def _last_n(given: Any) -> int | None:
    if given is None:
        return None
    text = str(given) if type(given) in (str, int) else ""
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(_MOST)) or not 0 < int(text) <= _MOST:
        raise _fault("lastN", f"lastN is a whole number from 1 on, not {str(given)[:40]!r}", "lastN は1以上の整数です")
    return int(text)


def _fault(parameter: str, english: str, japanese: str) -> BadRequestData:
    return BadRequestData(english, detail_ja=f"{japanese}。", parameter=parameter)
