"""How is a broken rule reported from deep inside a payload? A light exception that collects its path while it rises."""

from typing import Any

from kairo.errors import BadRequestData

_SHOWN_CHARACTERS = 80


class Fault(Exception):
    """A rule is broken at one place. The readers add the steps of the path as it passes them; `report` makes it public.

    `expected` says in English what should stand there, `expected_ja` the same in Japanese; `found` is what stands there
    (absent when nothing does).
    """

    def __init__(self, expected: str, expected_ja: str, *found: Any) -> None:
        super().__init__(expected)
        self.expected = expected
        self.expected_ja = expected_ja
        self.found = found
        self.path: list[str] = []

    def at(self, step: str | int) -> "Fault":
        """Notes that the place lies below `step`; called from the inside out."""
        self.path.append(str(step))
        return self

    def report(self) -> BadRequestData:
        """The public error: the place, what was found, what is expected, in English and Japanese."""
        pointer = "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in reversed(self.path))
        place = pointer or "/"
        if not self.found:
            return BadRequestData(f"{place}: {self.expected}.", detail_ja=f"{place}: {self.expected_ja}。", path=pointer)
        shown = show(self.found[0])
        return BadRequestData(
            f"{place}: found {shown}; expected {self.expected}.",
            detail_ja=f"{place}: {shown} がありますが、{self.expected_ja}が必要です。",
            path=pointer,
        )


def show(value: Any) -> str:
    """A value as it stands in JSON, shortened: what a person recognises in the own input."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            text = f'"{value}"'
        case dict():
            text = "an object with " + (", ".join(map(str, value)) or "nothing")
        case list():
            text = f"an array of {len(value)}"
        case _:
            text = str(value) if isinstance(value, int | float) else type(value).__name__
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"
