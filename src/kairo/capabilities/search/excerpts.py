"""Which part of a text is shown with a hit, and which characters of it are marked? Works on the text as it was written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kairo.capabilities.search.normalise import fold_aligned

LONGEST = 120
BEFORE = 30  # characters shown before the first match of a long text
_CUT = "…"


@dataclass(frozen=True, slots=True)
class Marked:
    """A text with the ranges `[begin, end)` that match, in order and apart from each other."""

    text: str = ""
    ranges: tuple[tuple[int, int], ...] = ()

    def __str__(self) -> str:
        return self.text

    def pieces(self) -> Iterator[tuple[str, bool]]:
        """The text in pieces, each with whether it is marked: what a template loops over."""
        at = 0
        for begin, end in self.ranges:
            if at < begin:
                yield self.text[at:begin], False
            yield self.text[begin:end], True
            at = end
        if at < len(self.text):
            yield self.text[at:], False


def mark(text: str, terms: Sequence[str]) -> Marked:
    """The whole text with every place of every folded term marked."""
    folded = fold_aligned(text)
    ranges: list[tuple[int, int]] = []
    for term in terms:
        at = folded.text.find(term) if term else -1
        while at >= 0:
            ranges.append((folded.begins[at], folded.ends[at + len(term) - 1]))
            at = folded.text.find(term, at + len(term))
    return Marked(text, _apart(ranges))


def excerpt(shown: str, folded: str, terms: Sequence[str]) -> Marked:
    """The line that holds most of the terms, cut to a readable length around the first of them.

    `shown` and `folded` hold the same lines, as written and folded. No line holds a term: the first line, unmarked.
    """
    lines = shown.split("\n")
    hits = [sum(term in line for term in terms) for line in folded.split("\n")]
    if not lines[0] and len(lines) == 1:
        return Marked()
    best = max(range(len(lines)), key=lambda index: hits[index] if index < len(hits) else 0)
    return cut(mark(lines[best], terms))


def cut(marked: Marked) -> Marked:
    """At most LONGEST characters, from a little before the first mark; the cut ends are shown."""
    text = marked.text
    if len(text) <= LONGEST:
        return marked
    first = marked.ranges[0][0] if marked.ranges else 0
    begin = max(0, min(first - BEFORE, len(text) - LONGEST))
    end = begin + LONGEST
    head = _CUT if begin else ""
    tail = _CUT if end < len(text) else ""
    shift = len(head) - begin
    ranges = tuple((max(b, begin) + shift, min(e, end) + shift) for b, e in marked.ranges if b < end and e > begin)
    return Marked(head + text[begin:end] + tail, ranges)


def _apart(ranges: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Sorted; those that touch or overlap are one."""
    apart: list[tuple[int, int]] = []
    for begin, end in sorted(ranges):
        if apart and begin <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((begin, end))
    return tuple(apart)
