"""What does this row say in that column? Reads cells by their official names, mends them by rules, remembers each repair.

A `RowRefused` ends the row, never the import. Repairs reach the report only when the row was accepted (`accept`).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kairo.capabilities.catalogue import rules
from kairo.capabilities.catalogue.report import Refused, Repaired, Report
from kairo.capabilities.catalogue.sources import Row, SourceFile
from kairo.capabilities.places import is_five_digits, restore_code, with_check_digit
from kairo.capabilities.places.municipalities import all_by_code

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{0,20})?")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NOT_IN_NAMES = re.compile(r"[\s、，,・･]+")


class RowRefused(Exception):
    """A row is left out: the cell to blame, and the rule by its name in reasons.py."""

    def __init__(self, column: str, value: Any, rule: str, **members: Any) -> None:
        super().__init__(rule)
        self.column = column
        self.value = value
        self.rule = rule
        self.members = members


class Columns:
    """Which column of a file is which official one. Names may differ in width, spaces and punctuation, or be an alias."""

    def __init__(self, file: SourceFile, aliases: Mapping[str, Sequence[str]]) -> None:
        present = {_name_key(name): name for name in reversed(file.columns)}
        self.actual: dict[str, str] = {}
        self.respelled: dict[str, str] = {}
        for official, others in aliases.items():
            for name in (official, *others):
                found = present.get(_name_key(name))
                if found is not None:
                    self.actual[official] = found
                    if found != name:
                        self.respelled[found] = name
                    break
        taken = set(self.actual.values())
        self.unknown = [name for name in file.columns if name not in taken]

    def __contains__(self, official: str) -> bool:
        return official in self.actual

    def any_of(self, officials: Iterable[str]) -> bool:
        """Whether the file has at least one of them."""
        return any(name in self.actual for name in officials)


class Cells:
    """The cells of one row."""

    def __init__(self, row: Row, columns: Columns) -> None:
        self.row = row
        self._columns = columns
        self._repairs: list[Repaired] = []
        if row.fault:
            raise RowRefused("", None, "not-readable", what=row.fault)

    def raw(self, official: str) -> Any:
        """The cell as it is; None where it is empty or there is no such column."""
        actual = self._columns.actual.get(official)
        return None if actual is None else self.row.cells.get(actual)

    def repaired(self, column: str, before: Any, after: Any, rule: str) -> None:
        """Remembers a repair."""
        actual = self._columns.actual.get(column, column)
        self._repairs.append(Repaired(self.row.file, self.row.number, actual, before, after, rule))

    def text(self, official: str, by: Sequence[rules.Rule] = rules.ONE_LINE) -> str:
        """The text of a cell, mended; empty where there is none."""
        value = self.raw(official)
        if value is None:
            return ""
        if isinstance(value, list | dict):
            raise self.refusal(official, "not-text")
        text = value if isinstance(value, str) else _number_as_text(value)
        if _SURROGATE.search(text):
            raise self.refusal(official, "broken-character")
        text, steps = rules.apply(text, by)
        for step in steps:
            self.repaired(official, step.before, step.after, step.rule)
        return text

    def required(self, official: str) -> str:
        """The same of a column that must say something."""
        text = self.text(official)
        if not text:
            raise self.refusal(official, "missing")
        return text

    def id(self, official: str) -> str:
        """An id of plain letters and digits; it must be there."""
        text = self.text(official, rules.SYMBOLS)
        if not text:
            raise self.refusal(official, "missing")
        if not _ID.fullmatch(text):
            raise self.refusal(official, "not-an-id")
        return text

    def flag(self, official: str) -> bool:
        """Whether the flag is set. Empty is not "no": whoever asks leaves the attribute out."""
        text = self.text(official, rules.FLAGS)
        if text not in ("", "1"):
            raise self.refusal(official, "not-a-mark")
        return text == "1"

    def number(self, official: str) -> float | None:
        """A number, or None where the cell is empty."""
        value = self.raw(official)
        if isinstance(value, int | float) and not isinstance(value, bool):
            if not abs(value) < 1e15:
                raise self.refusal(official, "not-a-number")
            return float(value)
        text = self.text(official, rules.SYMBOLS)
        if not text:
            return None
        if not _NUMBER.fullmatch(text):
            raise self.refusal(official, "not-a-number")
        return float(text)

    def municipality_code(self, official: str, *, five_digits_are_whole: bool = False) -> str:
        """A municipality code, whole again; empty where the cell is. Some formats leave the check digit out by rule."""
        text = self.text(official, rules.SYMBOLS)
        if not text:
            return ""
        if five_digits_are_whole and is_five_digits(text):
            return with_check_digit(text)
        found = restore_code(text, all_by_code())
        if found is None:
            raise self.refusal(official, "not-a-code")
        if found.rule:
            self.repaired(official, text, found.code, found.rule)
        return found.code

    def refusal(self, official: str, rule: str, **members: Any) -> RowRefused:
        """An exception that blames a cell."""
        return RowRefused(self._columns.actual.get(official, official), self.raw(official), rule, **members)

    def accept(self, report: Report) -> None:
        """The row came in: its repairs are part of the report."""
        report.repaired.extend(self._repairs)


def refuse(report: Report, row: Row, why: RowRefused) -> None:
    """Notes a row that is left out."""
    report.refused.append(Refused(row.file, row.number, why.column, why.value, why.rule, why.members))


def _name_key(name: str) -> str:
    return _NOT_IN_NAMES.sub("", unicodedata.normalize("NFKC", name)).lower()


def _number_as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
