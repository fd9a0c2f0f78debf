"""How does an import run? Read all files, look for 個人番号, make entities, compare with the graph, write what differs.

Nothing is written before every file was read and every row judged: a file that cannot be read stops the whole import, a row
that cannot stops only itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Protocol

from kairo.capabilities.catalogue.comparing import Difference, difference
from kairo.capabilities.catalogue.importer import Importer, Made, Progress, Work
from kairo.capabilities.catalogue.registry import IMPORTERS
from kairo.capabilities.catalogue.report import FileRead, Refused, Repaired, Report
from kairo.capabilities.catalogue.sources import Row, SourceFile, read_source
from kairo.context.gate import Scope
from kairo.context.graph import Doc, GraphInterface, Written
from kairo.errors import BadRequestData, StartError
from kairo.platform.personal_numbers import holds_personal_number

BATCH = 200


class Write(Protocol):
    """`upsert` or `update` of the graph."""

    async def __call__(self, scope: Scope, entities: Iterable[Doc], *, request: str = "") -> list[Written]: ...


def _silent(what: str, done: int, total: int) -> None:
    """No progress is shown."""


async def run_import(
    kind: str,
    paths: Sequence[Path],
    tenant: str,
    graph: GraphInterface,
    scope: Scope,
    *,
    dry_run: bool = False,
    progress: Progress = _silent,
) -> Report:
    """Imports files of one kind into a tenant and says what it did. Raises a KairoError where a file as a whole is no good."""
    importer = _importer(kind)
    if scope.tenant != tenant:
        raise StartError(f"the scope is of tenant {scope.tenant}, not {tenant}", mend="Ask for a scope of that tenant.")
    if not paths:
        raise StartError(
            "no file is given",
            detail_ja="ファイルが指定されていません",
            mend=f"Name at least one: kairo import {kind} FILE…",
            mend_ja=f"ファイルを指定してください: kairo import {kind} FILE…",
        )
    report = Report(kind=kind, tenant=tenant, dry_run=dry_run)
    files = [_read(importer, Path(path), report) for path in _watched(list(paths), "read", progress)]
    _stop_at_personal_number(files)
    made = await importer.make(Work(files, tenant, graph, scope, report, progress))
    made = _each_id_once(made, report)
    await _write(made, graph, scope, report, progress)
    order = {file.name: number for number, file in enumerate(files, 1)}
    report.refused.sort(key=lambda found: (order.get(found.file, 0), found.row))
    return report


def _importer(kind: str) -> Importer:
    importer = IMPORTERS.get(kind)
    if importer is None:
        kinds = ", ".join(sorted(IMPORTERS))
        raise StartError(
            f"there is no import {kind!r}",
            detail_ja=f"取り込みの種類「{kind}」はありません",
            mend=f"Kinds are: {kinds}.",
            mend_ja=f"種類は次のとおりです: {kinds}",
        )
    return importer


def _read(importer: Importer, path: Path, report: Report) -> SourceFile:
    file = read_source(path)
    if not importer.recognises(file):
        fitting = [other.kind for other in IMPORTERS.values() if other.recognises(file)]
        columns = ", ".join(file.columns[:8]) or "none"
        raise BadRequestData(
            f"{file.name} does not look like {importer.kind}: its columns are {columns}",
            detail_ja=f"{file.name} は「{importer.title['ja']}」のファイルではないようです（列: {columns}）",
            mend=f"Import it with: kairo import {fitting[0]}"
            if fitting
            else "See kairo import --help for the columns of each kind.",
            mend_ja=f"次で取り込んでください: kairo import {fitting[0]}"
            if fitting
            else "種類ごとの列は kairo import --help をご覧ください。",
        )
    report.files.append(FileRead(file.name, len(file.rows), file.form, file.encoding))
    report.rows += len(file.rows)
    if file.encoding_rule:
        report.repaired.append(Repaired(file.name, 0, "", file.encoding, "utf-8", file.encoding_rule))
    return file


def _stop_at_personal_number(files: Sequence[SourceFile]) -> None:
    for file in files:
        for row in file.rows:
            for column, value in row.cells.items():
                if holds_personal_number(value) or holds_personal_number(column):
                    # the number itself is named nowhere: messages end in logs
                    where = "?" if holds_personal_number(column) else column
                    raise BadRequestData(
                        f"{file.name}, row {row.number}, column {where}: this looks like an Individual Number (個人番号)",
                        detail_ja=f"{file.name} の{row.number}行目「{where}」に個人番号とみられる番号があります",
                        mend="Remove it at the source and import again; nothing was written. Kairo never stores such numbers.",
                        mend_ja="元のデータから除いて、もう一度取り込んでください。何も書き込んでいません。個人番号は保存しません。",
                        file=file.name,
                        row=row.number,
                        column=where,
                    )


def _each_id_once(made: Sequence[Made], report: Report) -> list[Made]:
    """The first row of each id; later ones are refused, whether they say the same or not."""
    first: dict[str, Made] = {}
    for item in made:
        earlier = first.setdefault(item.entity["id"], item)
        if earlier is not item and item.row is not None and earlier.row is not None:
            rule = "duplicate-row" if earlier.entity == item.entity else "duplicate-id"
            place = f"{earlier.row.file}:{earlier.row.number}"
            report.refused.append(Refused(item.row.file, item.row.number, "", item.entity["id"], rule, {"first": place}))
    return list(first.values())


async def _write(made: Sequence[Made], graph: GraphInterface, scope: Scope, report: Report, progress: Progress) -> None:
    done = 0
    for batch in _batches(made):
        stored = await graph.get_many(scope, [item.entity["id"] for item in batch])
        plans = [(item, difference(item, stored.get(item.entity["id"]))) for item in batch]
        if report.dry_run:
            for item, plan in plans:
                _count(report, item.row, plan.outcome)
        else:
            await _carry_out(plans, graph, scope, report)
        done += len(batch)
        progress("compare" if report.dry_run else "write", done, len(made))


async def _carry_out(plans: Sequence[tuple[Made, Difference]], graph: GraphInterface, scope: Scope, report: Report) -> None:
    request = f"import {report.kind}"
    for item, plan in plans:
        if plan.outcome == "unchanged":
            _count(report, item.row, "unchanged")
    for replaces in (True, False):
        chosen = [(item, plan) for item, plan in plans if plan.outcome != "unchanged" and plan.replaces is replaces]
        if not chosen:
            continue
        write = graph.upsert if replaces else graph.update
        results = await _each_by_itself_if_need_be(write, scope, [plan.write for _, plan in chosen], request)
        for (item, plan), written in zip(chosen, results, strict=True):
            if written.outcome == "refused" or written.error is not None:
                what = written.error.detail if written.error is not None else "refused"
                row = item.row or Row("", 0, {})
                report.refused.append(Refused(row.file, row.number, "", plan.write["id"], "refused-by-graph", {"what": what}))
            else:
                _count(report, item.row, written.outcome)


async def _each_by_itself_if_need_be(write: Write, scope: Scope, docs: Sequence[Doc], request: str) -> list[Written]:
    """All at once; where the graph cannot even read one of them, one after the other, so that the others come in."""
    try:
        return list(await write(scope, docs, request=request))
    except BadRequestData:
        results = []
        for doc in docs:
            try:
                results.extend(await write(scope, [doc], request=request))
            except BadRequestData as error:
                results.append(Written(doc["id"], "refused", error))
        return results


def _count(report: Report, row: Row | None, outcome: str) -> None:
    if row is None:
        report.linked += outcome != "unchanged"
    elif outcome == "created":
        report.created += 1
    elif outcome == "changed":
        report.changed += 1
    else:
        report.unchanged += 1


def _batches(made: Sequence[Made]) -> Iterator[list[Made]]:
    items = iter(made)
    while batch := list(islice(items, BATCH)):
        yield batch


def _watched(paths: Sequence[Path], what: str, progress: Progress) -> Iterator[Path]:
    for number, path in enumerate(paths, 1):
        yield path
        progress(what, number, len(paths))
