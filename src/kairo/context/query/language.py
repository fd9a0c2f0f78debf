"""What does `q` ask? Reads the NGSI-LD Query Language (CIM 009 4.9) into the tree of tree.py.

    Query = conjunctions joined by |, each of terms joined by ; (which binds tighter), parentheses as deep as wanted
    Term  = Path | !Path | Path operator value
    Path  = name(.name)*[member.member] | name{Type,Type:Path}

More is read than the grammar has: `!speed` (the attribute is not there), space between tokens, patterns in quotes or without.
"""

import re
from collections.abc import Collection
from typing import Final

from kairo.context.query.literals import read_literal
from kairo.context.query.q_paths import read_links, read_path
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
    Linked,
    Literal,
    Or,
    Order,
    Path,
    Q,
    Range,
    Term,
    Terms,
    Text,
)
from kairo.errors import BadRequestData, TooComplexQuery

MAX_TERMS: Final = 200
MAX_CHOICES: Final = 1000
MAX_LINKS: Final = 20  # steps into linked entities in all: each is a look-up for every candidate

_EXAMPLE = 'speed>50;brandName=="Mercedes"'
_OPERATOR = re.compile("!~=|~=|==|!=|>=|<=|>|<")


def parse_q(text: str, terms: Terms, *, expand_values: Collection[str] = (), join_level: int = 0) -> Q:
    """Reads a `q`. `expand_values`: the terms that the parameter expandValues lists; their values are expanded too.
    `join_level`: how deep the request joins linked entities, and q may ask about them (5.7.2.4).

    Raises BadRequestData (what is wrong, where, and how it is written rightly), TooComplexQuery beyond the limits.
    """
    return _Parser(text, terms, expand_values, join_level).query()


class _Parser:
    def __init__(self, text: str, terms: Terms, expand_values: Collection[str], join_level: int) -> None:
        self.reader = Reader("q", text, _EXAMPLE)
        self.terms = terms
        self.expand_values = expand_values
        self.join_level = join_level
        self.count = 0
        self.links = 0

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
        absent = reader.take("!")
        start = reader.position
        links = read_links(reader, self.terms)
        if len(links) > self.join_level:
            raise BadRequestData(
                f"q, character {start + 1}: too deep query: it goes {len(links)} levels into linked entities, the request joins "
                f"{self.join_level} (join, joinLevel)",
                detail_ja=f"q の {start + 1} 文字目：関連先の {len(links)} 段目を指していますが、結合は {self.join_level} 段です",
                mend=f"Add join=inline (or flat) and joinLevel={len(links)}.",
                mend_ja=f"join=inline（または flat）と joinLevel={len(links)} を加えてください。",
                parameter="q",
            )
        self.links += len(links)
        if self.links > MAX_LINKS:
            raise TooComplexQuery(
                f"q goes into linked entities more than {MAX_LINKS} times",
                detail_ja=f"q の関連先の条件が {MAX_LINKS} 個を超えています",
            )
        path, first = read_path(reader, self.terms)
        for _ in links:
            reader.expect("}")
            reader.ascend()
        if absent and not links:
            return Absent(path)
        asked: Term | Linked = Exists(path) if absent else self.condition(path, first)
        for step, (relation, types) in enumerate(reversed(links), 1):
            asked = Linked(relation, types, asked, negated=absent and step == len(links))
        return asked

    def condition(self, path: Path, first: str) -> Term:
        """What is asked of the target of a path."""
        reader = self.reader
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
