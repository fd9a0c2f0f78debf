"""What is an importer? A kind of file that it recognises, and how its rows become entities. One small module for each.

`make` reads, repairs and refuses; it never writes. Comparing with the graph, dry runs, writing and counting are the same for
all (running.py), so a new dataset is a list of columns and a function from a row to an entity.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kairo.capabilities.catalogue.cells import Columns
from kairo.capabilities.catalogue.report import Repaired, Report
from kairo.capabilities.catalogue.sources import Row, SourceFile
from kairo.context.gate import Scope
from kairo.context.graph import Doc, GraphInterface
from kairo.platform.manifests import Texts

Progress = Callable[[str, int, int], None]
"""Told what is being done (`read`, `check`, `compare`, `write`), how much of it is done, and of how much."""


@dataclass(frozen=True, slots=True)
class Work:
    """What an importer is handed."""

    files: Sequence[SourceFile]
    tenant: str
    graph: GraphInterface
    scope: Scope
    report: Report
    progress: Progress

    def columns(self, file: SourceFile, aliases: Mapping[str, Sequence[str]]) -> Columns:
        """The official columns of a file; the report says which were respelled and which nobody knows."""
        columns = Columns(file, aliases)
        for read in self.report.files:
            if read.file == file.name:
                read.unknown_columns = columns.unknown
        for actual, official in columns.respelled.items():
            self.report.repaired.append(Repaired(file.name, 0, actual, actual, official, "column-name"))
        return columns


@dataclass(frozen=True, slots=True)
class Made:
    """An entity that a row became, in normalized form with core names. `owned` are the attributes that the import decides:
    those of them that it does not give are removed, all others are left to whoever wrote them.

    `row` is None for an entity of the graph that only follows (a reference to what was imported)."""

    entity: Doc
    owned: frozenset[str]
    row: Row | None


@dataclass(frozen=True, slots=True)
class Importer:
    """A kind of import, as `kairo import` lists it."""

    kind: str
    title: Texts
    help: Texts
    recognises: Callable[[SourceFile], bool]
    make: Callable[[Work], Awaitable[list[Made]]]


def entity(type: str, local_id: str, attributes: Mapping[str, Any]) -> Doc:
    """An entity with the attributes that are there: those that are None are left out."""
    given = {name: value for name, value in attributes.items() if value is not None}
    return {"id": f"urn:ngsi-ld:{type}:{local_id}", "type": type, **given}


def said(value: Any) -> Doc | None:
    """A Property, or None where nothing is said. False is something; empty text and empty list are not."""
    return None if value is None or value in ("", []) else {"type": "Property", "value": value}


def in_japanese(text: str) -> Doc | None:
    """A LanguageProperty of a Japanese text."""
    return {"type": "LanguageProperty", "languageMap": {"ja": text}} if text else None


def located(geometry: Mapping[str, Any]) -> Doc:
    """A GeoProperty."""
    return {"type": "GeoProperty", "value": dict(geometry)}


def source(attribution: str, licence: str = "", url: str = "") -> Doc:
    """Who is to be named, under which licence the data come, and where that is written."""
    attribute: Doc = {"type": "Property", "value": attribution}
    if licence:
        attribute["licence"] = {"type": "Property", "value": licence}
    if url:
        attribute["licenceUrl"] = {"type": "Property", "value": url}
    return attribute


def same_address(objects: Sequence[str]) -> Doc | None:
    """A Relationship with one or several objects, in order."""
    if not objects:
        return None
    ordered = sorted(objects)
    return {"type": "Relationship", "object": ordered[0] if len(ordered) == 1 else ordered}
