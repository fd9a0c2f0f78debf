"""Which value stands in the text of a q: a number, a text, a moment, a URI?

CIM 009 4.9 (Value, URI) and 4.6.3 (DateTime, Date, Time). The shapes are used on stored values too, in memory
(`instant_of`, …) and in SQL (jsonpath.py), so that a literal and a stored text are held to one grammar.
"""

import re
from contextlib import suppress
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final

from kairo.context.query.reading import Reader
from kairo.context.query.tree import Boolean, Day, Instant, Literal, Number, Terms, Text, TimeOfDay
from kairo.errors import KairoError

# A day that the calendar has, leap years included, so that nothing that passes can fail to be read.
_YEAR: Final = "(?:[0-9]{3}[1-9]|[0-9]{2}[1-9][0-9]|[0-9][1-9][0-9]{2}|[1-9][0-9]{3})"
_LEAP_YEAR: Final = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
_YMD: Final = (
    f"(?:{_YEAR}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    f"|02-(?:0[1-9]|1[0-9]|2[0-8]))|{_LEAP_YEAR}-02-29)"
)
_HMS: Final = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_FRACTION: Final = "(?:[.,][0-9]{1,6})?"

# Unanchored, and in the common dialect of Python and PostgreSQL.
UTC_SHAPE: Final = f"{_YMD}T{_HMS}{_FRACTION}Z"
OFFSET_SHAPE: Final = f"{_YMD}T{_HMS}{_FRACTION}[+-](?:0[0-9]|1[0-4]):[0-5][0-9]"
DAY_SHAPE: Final = _YMD
TIME_SHAPE: Final = f"{_HMS}{_FRACTION}Z?"

_END = r"(?=\.\.|[\s;|),]|\Z)"
_INSTANT = re.compile(f"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{_HMS}{_FRACTION}Z{_END}")
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}" + _END)
_TIME = re.compile(TIME_SHAPE + _END)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,4})?" + _END)
_BOOLEAN = re.compile("(?:true|false)" + _END)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s;|(),\"<>\\^`{}]+")
_LOOKS_TEMPORAL = re.compile("[0-9]{4}-[0-9]{2}|[0-9]{2}:[0-9]{2}")
_TERM = re.compile(r"[^\W\d_]\w*")

_STORED_INSTANT = re.compile(f"(?:{UTC_SHAPE}|{OFFSET_SHAPE})")
_STORED_DAY = re.compile(DAY_SHAPE)
_STORED_TIME = re.compile(TIME_SHAPE)

_MAX_DIGITS: Final = 400  # a double has 309 before the point; PostgreSQL's numeric takes far more


def read_literal(reader: Reader, terms: Terms, *, expands: bool) -> Literal:
    """The value at the reader's position. `expands`: the attribute stands in expandValues, so texts are terms or URIs."""
    start = reader.position
    if (quoted := reader.quoted()) is not None:
        return _text(quoted, terms, expands)
    if found := reader.match(_INSTANT):
        if (moment := instant_of(found)) is not None:
            return Instant(moment)
        raise _no_such_day(reader, start)
    if found := reader.match(_DAY):
        if (day := day_of(found)) is not None:
            return Day(day)
        raise _no_such_day(reader, start)
    if found := reader.match(_TIME):
        return TimeOfDay(time.fromisoformat(found.rstrip("Z").replace(",", ".")))
    if found := reader.match(_NUMBER):
        number = Decimal(found)
        if len(found) > _MAX_DIGITS or not -_MAX_DIGITS <= number.adjusted() <= _MAX_DIGITS:
            raise reader.fault("has a number that is too large or too small", "数値が大きすぎるか小さすぎます", at=start)
        return Number(number)
    if found := reader.match(_BOOLEAN):
        return Boolean(found == "true")
    if found := reader.match(_URI):
        return _text(found, terms, expands)
    if expands and (term := reader.name()):
        return _text(term, terms, expands)
    raise _unreadable(reader)


def _text(value: str, terms: Terms, expands: bool) -> Text:
    """A text together with its stored name, should it meet a VocabProperty."""
    vocab = value
    if _TERM.fullmatch(value) or _URI.fullmatch(value):
        with suppress(KairoError):  # a text that cannot be a name is just a text
            vocab = terms.expand(value)
    return Text(vocab if expands else value, vocab)


def _unreadable(reader: Reader) -> KairoError:
    if _LOOKS_TEMPORAL.match(reader.text, reader.position):
        return reader.fault(
            "needs a time here, whole and in UTC with Z, with at most six digits after the second",
            "日時は UTC（末尾 Z）で省略なく書いてください（秒の小数は6桁まで）",
            example="2026-04-01T09:30:00Z, 2026-04-01 or 09:30:00Z",
        )
    if _NUMBERLIKE.match(reader.text, reader.position):
        return reader.fault(
            "has a number that JSON does not know; a text stands in double quotes",
            "JSON の数値ではありません。文字列は二重引用符で囲んでください",
            example='floor==2, floor==2.5 or code=="007"',
        )
    return reader.fault(
        "needs a value here; a text stands in double quotes",
        "ここに値が必要です。文字列は二重引用符で囲んでください",
        example='name=="本庁舎", speed>50, open==true or refBuilding==urn:ngsi-ld:Building:1',
    )


_NUMBERLIKE = re.compile("[+-]?[.0-9]")


def _no_such_day(reader: Reader, at: int) -> KairoError:
    return reader.fault("names a day that the calendar does not have", "暦にない日付です", at=at, example="2026-04-30")


def instant_of(text: str) -> datetime | None:
    """The moment that a stored text writes as DateTime (with Z, or an offset), or None if it writes none."""
    return datetime.fromisoformat(text.replace(",", ".")) if _STORED_INSTANT.fullmatch(text) else None


def day_of(text: str) -> date | None:
    """The day that a stored text writes as Date, or None."""
    return date.fromisoformat(text) if _STORED_DAY.fullmatch(text) else None


def time_of_day_of(text: str) -> time | None:
    """The time that a stored text writes as Time, with or without Z (it is UTC either way), or None."""
    return time.fromisoformat(text.rstrip("Z").replace(",", ".")) if _STORED_TIME.fullmatch(text) else None
