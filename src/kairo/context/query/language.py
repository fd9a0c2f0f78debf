"""What does `q` ask? Reads the NGSI-LD Query Language (CIM 009 4.9) into the tree of tree.py.

    Query = conjunctions joined by |, each of terms joined by ; (which binds tighter), parentheses as deep as wanted
    Term  = Path | !Path | Path operator value
    Path  = name(.name)*[member.member]

More is read than the grammar has: `!speed` (the attribute is not there), space between tokens, patterns in quotes or without.
"""

import re
from collections.abc import Collection
from typing import Final

from kairo.context.query.literals import read_literal
from kairo.context.query.q_paths import read_path
from kairo.context.query.q_patterns import read_pattern
from kairo.context.query.reading import Reader
from kairo.context.query.tree import (
    Absent,
    And,
    Boolean,
    Compares,
    Equals,
    Exists,
    Like,
    Literal,
    Or,
    Order,
    Path,
    Q,
    Range,
    Terms,
    Text,
)
from kairo.errors import TooComplexQuery

MAX_TERMS: Final = 200
MAX_CHOICES: Final = 1000

_EXAMPLE = 'speed>50;brandName=="Mercedes"'
_OPERATOR = re.compile("!~=|~=|==|!=|>=|<=|>|<")


def parse_q(text: str, terms: Terms, *, expand_values: Collection[str] = ()) -> Q:
    """Reads a `q`. `expand_values`: the terms that the parameter expandValues lists; their values are expanded too.

    Raises BadRequestData (what is wrong, where, and how it is written rightly), OperationNotSupported for queries through
    linked entities, TooComplexQuery beyond the limits.
    """
    return _Parser(text, terms, expand_values).query()


class _Parser:
    def __init__(self, text: str, terms: Terms, expand_values: Collection[str]) -> None:
        self.reader = Reader("q", text, _EXAMPLE)
        self.terms = terms
        self.expand_values = expand_values
        self.count = 0

    def query(self) -> Q:
        found = self.alternatives()
        self.reader.expect_end()
        return found

    def alternatives(self) -> Q:
        parts = [self.conjunction()]
        while self.reader.take("|"):
            parts.append(self.conjunction())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def conjunction(self) -> Q:
        parts = [self.term()]
        while self.reader.take(";"):
            parts.append(self.term())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def term(self) -> Q:
        reader = self.reader
        if reader.take("("):
            reader.descend()
            found = self.alternatives()
            reader.expect(")")
            reader.ascend()
            return found
        self.count += 1
        if self.count > MAX_TERMS:
            raise TooComplexQuery(f"q has more than {MAX_TERMS} terms", detail_ja=f"q の条件が {MAX_TERMS} 個を超えています")
        if reader.take("!"):
            return Absent(read_path(reader, self.terms)[0])
        path, first = read_path(reader, self.terms)
        operator = reader.match(_OPERATOR)
        if operator is None:
            if reader.peek("="):
                raise reader.fault('has a single "="; equal is "=="', "「=」は1つではなく「==」と書きます")
            return Exists(path)
        if operator in ("~=", "!~="):
            return Like(path, read_pattern(reader), negated=operator == "!~=")
        if operator in ("==", "!="):
            return Equals(path, self.choices(first in self.expand_values), negated=operator == "!=")
        return self.comparison(path, Order(operator))

    def comparison(self, path: Path, order: Order) -> Compares:
        start = self.reader.position
        literal = read_literal(self.reader, self.terms, expands=False)
        if isinstance(literal, Boolean) or (isinstance(literal, Text) and self.reader.text[start] != '"'):
            raise self.reader.fault(
                f'"{order}" compares numbers, times and quoted texts; this value has no order',
                f"「{order}」で比べられるのは数値・日時・引用符付き文字列です",
                at=start,
                example="speed>50",
            )
        return Compares(path, order, literal)

    def choices(self, expands: bool) -> tuple[Literal | Range, ...]:
        """What stands behind == and !=: a value, a list of values, or one range."""
        reader = self.reader
        start = reader.position
        first = read_literal(reader, self.terms, expands=expands)
        if reader.take(".."):
            high = read_literal(reader, self.terms, expands=expands)
            if type(first) is not type(high) or isinstance(first, Boolean):
                raise reader.fault(
                    "has a range whose ends are not of one kind",
                    "範囲の両端の種類が違います",
                    at=start,
                    example="temperature==10..20",
                )
            if reader.peek(","):
                raise reader.fault(
                    "has a range in a list; join terms by | instead",
                    "範囲は一覧の中に書けません。「|」でつないでください",
                    example="temperature==10..20|temperature==30",
                )
            return (Range(first, high),)
        found: list[Literal] = [first]
        while reader.take(","):
            found.append(read_literal(reader, self.terms, expands=expands))
            if len(found) > MAX_CHOICES:
                raise TooComplexQuery(
                    f"q lists more than {MAX_CHOICES} values", detail_ja=f"q の値の一覧が {MAX_CHOICES} 個を超えています"
                )
        if reader.peek(".."):
            raise reader.fault(
                "has a range in a list; join terms by | instead", "範囲は一覧の中に書けません。「|」でつないでください"
            )
        return tuple(found)
