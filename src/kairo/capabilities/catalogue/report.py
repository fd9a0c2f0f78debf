"""What did an import do, row by row? One JSON object for machines, a few lines for people."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kairo.capabilities.catalogue.reasons import reason

MAX_SHOWN_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Repaired:
    """A cell that was put right by a named rule. Row 0 is the file as a whole; the header line is not counted."""

    file: str
    row: int
    column: str
    before: Any
    after: Any
    rule: str

    def as_json(self) -> dict[str, Any]:
        """As the report writes it."""
        return {
            "file": self.file,
            "row": self.row,
            "column": self.column,
            "from": shown(self.before),
            "to": shown(self.after),
            "rule": self.rule,
        }


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was left out, with the cell that is to blame and the reason."""

    file: str
    row: int
    column: str
    value: Any
    rule: str
    members: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As the report writes it."""
        return {
            "file": self.file,
            "row": self.row,
            "column": self.column,
            "value": shown(self.value),
            "rule": self.rule,
            "reason": reason(self.rule, "en", self.members),
            "reason_ja": reason(self.rule, "ja", self.members),
        }


@dataclass(slots=True)
class FileRead:
    """A file of the import: how many rows, in which form and encoding, and columns that no rule knows (kept out)."""

    file: str
    rows: int
    form: str
    encoding: str
    unknown_columns: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """As the report writes it."""
        return {
            "file": self.file,
            "rows": self.rows,
            "form": self.form,
            "encoding": self.encoding,
            "unknown_columns": self.unknown_columns,
        }


@dataclass(slots=True)
class Report:
    """The whole of it. `created`, `changed`, `unchanged` count entities; `linked` counts entities of the graph that are in
    none of the files and whose references followed. `notes` say what could not be checked."""

    kind: str
    tenant: str
    dry_run: bool
    files: list[FileRead] = field(default_factory=list)
    rows: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    linked: int = 0
    repaired: list[Repaired] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    notes: list[Mapping[str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The JSON object of `--report`."""
        return {
            "kind": self.kind,
            "tenant": self.tenant,
            "dry_run": self.dry_run,
            "files": [found.as_json() for found in self.files],
            "rows": self.rows,
            "created": self.created,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "linked": self.linked,
            "repaired": [found.as_json() for found in self.repaired],
            "refused": [found.as_json() for found in self.refused],
            "notes": [dict(note) for note in self.notes],
        }

    def summary_lines(self, language: str = "ja") -> list[str]:
        """For a person at a terminal: the counts, then each rule with how often it applied, then every refused row."""
        texts = _TEXTS.get(language, _TEXTS["ja"])
        heading = texts["would"] if self.dry_run else texts["did"]
        lines = [
            heading.format(rows=self.rows, files=len(self.files)),
            texts["counts"].format(created=self.created, changed=self.changed, unchanged=self.unchanged),
        ]
        if self.linked:
            lines.append(texts["linked"].format(linked=self.linked))
        for rule, count in sorted(Counter(found.rule for found in self.repaired).items()):
            lines.append(texts["repaired"].format(rule=rule, count=count))
        for found in self.refused:
            why = reason(found.rule, language, found.members)
            lines.append(texts["refused"].format(file=found.file, row=found.row, column=found.column, why=why))
        lines.extend(
            texts["unknown"].format(file=read.file, columns=", ".join(read.unknown_columns))
            for read in self.files
            if read.unknown_columns
        )
        lines.extend(note.get(language) or note["ja"] for note in self.notes)
        return lines


def shown(value: Any) -> Any:
    """A stranger's value as a report may show it: numbers and short texts as they are, all else as a short text."""
    if value is None or isinstance(value, bool | int | float):
        return value
    text = value if isinstance(value, str) else str(value)
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return text if len(text) <= MAX_SHOWN_CHARACTERS else text[: MAX_SHOWN_CHARACTERS - 1] + "…"


_TEXTS: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "did": "{files}個のファイルの{rows}行を取り込みました。",
        "would": "{files}個のファイルの{rows}行を確認しました（何も書き込んでいません）。",
        "counts": "新規 {created}、変更 {changed}、変更なし {unchanged}",
        "linked": "参照を更新した既存データ {linked}",
        "repaired": "直した箇所: {rule} {count}件",
        "refused": "受け付けなかった行: {file} {row}行目「{column}」: {why}",
        "unknown": "取り込まなかった列: {file}: {columns}",
    },
    "ja-x-easy": {
        "did": "{files}この ファイルの {rows}行（ぎょう）を 入（い）れました。",
        "would": "{files}この ファイルの {rows}行（ぎょう）を 見（み）ました。まだ 入（い）れていません。",
        "counts": "新（あたら）しい {created}、変（か）わった {changed}、同（おな）じ {unchanged}",
        "linked": "つながりを 直（なお）した {linked}",
        "repaired": "直（なお）した ところ: {rule} {count}",
        "refused": "入（い）れなかった 行（ぎょう）: {file} {row}「{column}」: {why}",
        "unknown": "使（つか）わなかった 列（れつ）: {file}: {columns}",
    },
    "en": {
        "did": "Imported {rows} rows of {files} file(s).",
        "would": "Looked at {rows} rows of {files} file(s); nothing was written.",
        "counts": "new {created}, changed {changed}, unchanged {unchanged}",
        "linked": "existing entities whose references followed: {linked}",
        "repaired": "repaired: {rule}, {count} time(s)",
        "refused": 'refused: {file} row {row}, "{column}": {why}',
        "unknown": "columns that were left out: {file}: {columns}",
    },
}
