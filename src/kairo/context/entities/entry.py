"""What is known of one entity while a commit is folded? What is stored, what it has become, and who wrote it last."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from kairo.context.entities.rules import Outcome, State
from kairo.context.entities.store import StoredEntity
from kairo.context.expiring import is_over
from kairo.context.gate import DataClass
from kairo.context.types.versions import Versions, versions_in


class Entry(msgspec.Struct):
    """The running state of an entity. Without `stored` it is one that was not there before."""

    stored: StoredEntity | None
    state: State | None
    data_class: DataClass
    writer: str | None
    controller: str
    versions: Mapping[str, int]  # of its types, as far as stored content stays: a newer program's are kept
    is_over: bool = False  # its time is over, and it is still to be removed
    change: int = 0
    creation: tuple[int, Outcome] | None = None  # its only change so far, if that made it and its history is its document

    @staticmethod
    def none(tenant: str) -> "Entry":
        """That of an id that nobody has."""
        return Entry(None, None, DataClass.UNDECLARED, None, tenant, {})

    @staticmethod
    def of(row: StoredEntity, versions: Versions, now: datetime) -> "Entry":
        """That of a stored entity, as the newest versions of its types have it."""
        state = State(row.doc, row.stamps, row.created_at, row.modified_at)
        return Entry(
            row,
            versions.state(state, row.type_key, row.type_version),
            row.data_class,
            row.writer,
            row.controller,
            versions_in(row.type_key, row.type_version) if row.type_version > 1 else {},
            is_over(row.doc, now),
        )
