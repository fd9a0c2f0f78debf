r"""Does a text match a regular expression, safely, and the same in memory as in PostgreSQL?

CIM 009 takes POSIX regular expressions (IEEE 1003.2) for `~=` and idPattern. Handing a stranger's expression to Python's
backtracking `re` would let one request stop a worker, and its dialect differs from PostgreSQL's. So the expression is read
here once; `search` runs it as an automaton, in time linear in the text, and `sql` writes it again in a form that
PostgreSQL reads the same way under any collation. Classes (`\d`, `\w`, `[:alpha:]`) are those of the POSIX locale: ASCII.
Look-around, back references and word boundaries are not offered.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from kairo.context.query.pattern_nodes import Anchor, Branches, Characters, Node, Repeat, Sequence, write_sql
from kairo.context.query.pattern_syntax import PatternError, parse_pattern

MAX_STATES: Final = 600  # after counted repetitions are written out; PostgreSQL compiles that many in a few ms
_MAX_REMEMBERED_STEPS: Final = 4096

_MATCH = -1

__all__ = ["Pattern", "PatternError"]


@dataclass(slots=True)
class _Program:
    """A non-deterministic automaton. A state is a test of one character, an anchor, or a fork."""

    tests: dict[int, tuple[Characters, int]] = field(default_factory=dict)
    anchors: dict[int, tuple[Anchor, int]] = field(default_factory=dict)
    forks: dict[int, tuple[int, ...]] = field(default_factory=dict)
    start: int = _MATCH
    size: int = 0

    def new(self) -> int:
        self.size += 1
        if self.size > MAX_STATES:
            raise PatternError(
                "is too large: use fewer or smaller counted repetitions", "大きすぎます（繰返し回数を減らしてください）", 0
            )
        return self.size

    def add(self, node: Node, then: int) -> int:
        """Adds `node` in front of state `then`; gives the state that enters it."""
        if isinstance(node, Characters):
            state = self.new()
            self.tests[state] = (node, then)
            return state
        if isinstance(node, Anchor):
            state = self.new()
            self.anchors[state] = (node, then)
            return state
        if isinstance(node, Sequence):
            for part in reversed(node.parts):
                then = self.add(part, then)
            return then
        if isinstance(node, Branches):
            state = self.new()
            self.forks[state] = tuple(self.add(part, then) for part in node.parts)
            return state
        return self._add_repeat(node, then)

    def _add_repeat(self, node: Repeat, then: int) -> int:
        if node.most is None:
            loop = self.new()
            self.forks[loop] = ()
            self.forks[loop] = (self.add(node.part, loop), then)
            then = loop
        else:
            after = then
            for _ in range(node.most - node.least):
                fork = self.new()
                self.forks[fork] = (self.add(node.part, then), after)
                then = fork
        for _ in range(node.least):
            then = self.add(node.part, then)
        return then

    def closure(self, states: Iterable[int], at_start: bool, at_end: bool) -> tuple[bool, tuple[int, ...]]:
        """Whether a match is reached from `states` without reading on, and the states that wait for a character."""
        seen: set[int] = set()
        waiting: list[int] = []
        stack = list(states)
        while stack:
            state = stack.pop()
            if state in seen:
                continue
            seen.add(state)
            if state in self.tests:
                waiting.append(state)
            elif state in self.forks:
                stack.extend(self.forks[state])
            elif state in self.anchors:
                anchor, then = self.anchors[state]
                if at_start if anchor is Anchor.START else at_end:
                    stack.append(then)
        return _MATCH in seen, tuple(sorted(waiting))


@dataclass(frozen=True)
class Pattern:
    """A regular expression that was read. Equal if written equally."""

    source: str
    sql: str = field(compare=False)
    _program: _Program = field(compare=False, repr=False)
    _steps: dict[tuple[frozenset[int], str], frozenset[int]] = field(compare=False, repr=False, default_factory=dict)
    _closures: dict[frozenset[int], tuple[bool, tuple[int, ...]]] = field(compare=False, repr=False, default_factory=dict)

    @staticmethod
    def read(source: str) -> "Pattern":
        """Raises PatternError, which says what is wrong and where; the caller makes an error of its own parameter of it."""
        node = parse_pattern(source)
        program = _Program()
        program.start = program.add(node, _MATCH)
        return Pattern(source, write_sql(node), program)

    def search(self, text: str) -> bool:
        """Whether the pattern is found anywhere in `text` (anchors say where it must stand)."""
        program = self._program
        found, waiting = program.closure([program.start], at_start=True, at_end=not text)
        if found:
            return True
        current = self._after(waiting, text[0]) if text else frozenset()
        for character in text[1:]:
            found, waiting = self._closure(current)
            if found:
                return True
            key = (current, character)
            following = self._steps.get(key)
            if following is None:
                following = self._after(waiting, character)
                if len(self._steps) >= _MAX_REMEMBERED_STEPS:
                    self._steps.clear()
                self._steps[key] = following
            current = following
        return bool(text) and program.closure((*current, program.start), at_start=False, at_end=True)[0]

    def _closure(self, states: frozenset[int]) -> tuple[bool, tuple[int, ...]]:
        known = self._closures.get(states)
        if known is None:
            # A match may also begin here: the start is entered again at every character.
            known = self._program.closure((*states, self._program.start), at_start=False, at_end=False)
            if len(self._closures) >= _MAX_REMEMBERED_STEPS:
                self._closures.clear()
            self._closures[states] = known
        return known

    def _after(self, waiting: tuple[int, ...], character: str) -> frozenset[int]:
        tests = self._program.tests
        return frozenset(tests[state][1] for state in waiting if tests[state][0].holds(character))
