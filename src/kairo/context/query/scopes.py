"""Which scopes does `scopeQ` select? The Scope Query Language (CIM 009 4.19), in memory and as SQL on `text[]`.

`/a/b` that scope; `/a/+/c` one level of any name; `/a/#` that scope and all below; `/#` any scope at all. `(/a;/b)` an entity
that has both, `/a,/b` and `/a|/b` either. An entity may stand in several scopes.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from kairo.context.query.reading import Reader

_EXAMPLE = "/Yamaguchi/Ogori, /Yamaguchi/#, /Yamaguchi/+/Library or (/Yamaguchi/#;/Region/Central)"
_LEVEL = re.compile(r"[^\s/,;|()+#\"]+")

Parameter = Callable[[object], str]
"""Takes a value, gives the placeholder that stands for it in the statement ($3)."""


@dataclass(frozen=True, slots=True)
class OneScope:
    """One scope, or a pattern of scopes. `levels` may hold `+`; `below`: all under it too."""

    levels: tuple[str, ...]
    below: bool = False
    _expression: re.Pattern[str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_expression", re.compile(self._pattern(re.escape), re.DOTALL))

    def _pattern(self, quote: Callable[[str], str]) -> str:
        levels = "".join("/" + ("[^/]+" if level == "+" else quote(level)) for level in self.levels)
        return f"{levels}(?:/.*)?" if self.below else levels

    def matches(self, scopes: Collection[str]) -> bool:
        return any(self._expression.fullmatch(scope) for scope in scopes)

    def sql(self, column: str, parameter: Parameter) -> str:
        if self.below and not self.levels:
            return f"{column} <> '{{}}'"
        if not self.below and "+" not in self.levels:
            # && instead of = any(): a GIN index on the array serves it
            return f"{column} && array[{parameter('/' + '/'.join(self.levels))}::text]"
        pattern = parameter(f"^(?:{self._pattern(_quote_sql)})$")
        return f"EXISTS (SELECT 1 FROM unnest({column}) AS level(scope) WHERE level.scope ~ {pattern}::text)"


@dataclass(frozen=True, slots=True)
class AllScopes:
    """The entity is in each of these."""

    parts: tuple["ScopeQ", ...]

    def matches(self, scopes: Collection[str]) -> bool:
        return all(part.matches(scopes) for part in self.parts)

    def sql(self, column: str, parameter: Parameter) -> str:
        return "(" + " AND ".join(part.sql(column, parameter) for part in self.parts) + ")"


@dataclass(frozen=True, slots=True)
class AnyScope:
    """The entity is in one of these."""

    parts: tuple["ScopeQ", ...]

    def matches(self, scopes: Collection[str]) -> bool:
        return any(part.matches(scopes) for part in self.parts)

    def sql(self, column: str, parameter: Parameter) -> str:
        return "(" + " OR ".join(part.sql(column, parameter) for part in self.parts) + ")"


ScopeQ = OneScope | AllScopes | AnyScope


def parse_scope_q(text: str) -> ScopeQ:
    """Reads the parameter `scopeQ`. `;` binds tighter than `,` and `|`; a missing first slash is supplied (4.18)."""
    reader = Reader("scopeQ", text, _EXAMPLE)
    found = _alternatives(reader)
    reader.expect_end()
    return found


def _alternatives(reader: Reader) -> ScopeQ:
    parts = [_conjunction(reader)]
    while reader.take(",") or reader.take("|"):
        parts.append(_conjunction(reader))
    return parts[0] if len(parts) == 1 else AnyScope(tuple(parts))


def _conjunction(reader: Reader) -> ScopeQ:
    parts = [_part(reader)]
    while reader.take(";"):
        parts.append(_part(reader))
    return parts[0] if len(parts) == 1 else AllScopes(tuple(parts))


def _part(reader: Reader) -> ScopeQ:
    if reader.take("("):
        reader.descend()
        found = _alternatives(reader)
        reader.expect(")")
        reader.ascend()
        return found
    reader.take("/")
    levels: list[str] = []
    while True:
        if reader.take("#"):
            return OneScope(tuple(levels), below=True)
        level = "+" if reader.take("+") else reader.match(_LEVEL)
        if level is None:
            raise reader.fault(
                'needs a scope level, "+" or a last "#" here', "ここにスコープの階層名、「+」、または末尾の「#」が必要です"
            )
        levels.append(level)
        if not reader.take("/"):
            return OneScope(tuple(levels))


def _quote_sql(text: str) -> str:
    """The text as a regular expression of PostgreSQL that matches just it."""
    return "".join(c if c.isascii() and c.isalnum() else f"\\U{ord(c):08X}" for c in text)
