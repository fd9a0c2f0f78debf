"""How are the values of a q written in a jsonpath, and how are times compared there?

PostgreSQL 15 reads no `Z` by itself, so moments are read by explicit templates, one for each way of writing them; a text is
first held against the shape of a time, so that a template never sees what it could misread.
"""

import json
from collections.abc import Iterable
from datetime import UTC

from kairo.context.query.literals import DAY_SHAPE, OFFSET_SHAPE, TIME_SHAPE, UTC_SHAPE
from kairo.context.query.tree import Boolean, Day, Instant, Literal, Number, Text, TimeOfDay


def quote(text: str) -> str:
    """A text as a jsonpath string. JSON's escapes are a subset of jsonpath's."""
    return json.dumps(text, ensure_ascii=False)


def compare(order: str, literal: Literal) -> str:
    """A comparison of `@`, known to be of the literal's JSON type."""
    if isinstance(literal, Number):
        return f"@ {order} {literal.value}"
    if isinstance(literal, Text):
        return f"@ {order} {quote(literal.value)}"
    assert not isinstance(literal, Boolean), "the parser lets no order of booleans through"
    return f"({temporal(order, literal)})"


_DATE_AND_TIME = 'YYYY-MM-DD"T"HH24:MI:SS'
_FRACTIONS = ("", ".US", ",US")


def temporal(order: str, literal: Instant | Day | TimeOfDay) -> str:
    """`@`, a text, writes a time of the literal's kind, and it is before, at or after the literal."""
    if isinstance(literal, Day):
        # One way of writing only, so the order of the texts is the order of the days.
        return f"@ {order} {quote(literal.value.isoformat())} && @ like_regex {quote(f'^{DAY_SHAPE}$')}"
    if isinstance(literal, TimeOfDay):
        ways = (f"HH24:MI:SS{fraction}{zone}" for zone in ('"Z"', "") for fraction in _FRACTIONS)
        moment = literal.value.isoformat("microseconds")
        test = _by_second(order, moment, _any_way(ways, order, _datetime(quote(moment), "HH24:MI:SS.US")))
        return f"{test} && @ like_regex {quote(f'^{TIME_SHAPE}$')}"
    moment = literal.value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    plain = _datetime(quote(moment), f"{_DATE_AND_TIME}.US")
    in_utc = _any_way((f'{_DATE_AND_TIME}{fraction}"Z"' for fraction in _FRACTIONS), order, plain)
    # Most are in UTC; only where a text has an offset are its templates tried.
    zoned = _datetime(quote(moment + "+00:00"), f"{_DATE_AND_TIME}.USTZH:TZM")
    offset = _any_way((f"{_DATE_AND_TIME}{fraction}TZH:TZM" for fraction in _FRACTIONS), order, zoned)
    return (
        f"({_by_second(order, moment, in_utc)} && @ like_regex {quote(f'^{UTC_SHAPE}$')})"
        f" || (@ like_regex {quote(f'^{OFFSET_SHAPE}$')} && ({offset}))"
    )


def _by_second(order: str, moment: str, within_second: str) -> str:
    """Compares two times of one zone as texts up to the second, and reads them only if they fall in the same one.

    Reading a time takes PostgreSQL some 3 µs, comparing texts next to nothing. "~" sorts behind whatever follows a second.
    """
    second = moment.partition(".")[0]
    same = f"@ starts with {quote(second)} && ({within_second})"
    if order[0] == "<":
        return f"(@ < {quote(second)} || ({same}))"
    if order[0] == ">":
        return f"(@ > {quote(second + '~')} || ({same}))"
    return f"({same})"


def _any_way(templates: Iterable[str], order: str, literal: str) -> str:
    """`@` reads by one of the templates, and compares so. A template that does not fit gives "unknown", not an error."""
    return " || ".join(f"{_datetime('@', template)} {order} {literal}" for template in templates)


def _datetime(item: str, template: str) -> str:
    return f"{item}.datetime({quote(template)})"
