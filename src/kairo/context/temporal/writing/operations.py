"""What does an operation of the temporal API do to the past? Enter, correct, erase; each within the unit of one commit.

The present state of an entity is never touched, but for types that it did not have: a type says what the entity is, and the gate
goes by it (docs/adr/0014).
"""

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol

import orjson

from kairo.context.entities.refusals import not_there, require_change, require_class, taken
from kairo.context.gate import DataClass, Declarations
from kairo.context.model.names import NONE
from kairo.context.temporal.instance_ids import InstanceKey
from kairo.context.temporal.writing import store
from kairo.context.temporal.writing.fragments import Entered, Evolution
from kairo.context.temporal.writing.store import Standing
from kairo.context.temporal.writing.work import Work
from kairo.errors import BadRequestData, Forbidden, ResourceNotFound


class TemporalOperation(Protocol):
    """`name` stands in the audit record, with the `attributes`."""

    name: ClassVar[str]

    @property
    def entity(self) -> str: ...
    @property
    def attributes(self) -> list[str]: ...
    async def run(self, work: Work) -> bool:
        """Does it; whether it made an evolution that was not there."""
        ...


@dataclass(frozen=True, slots=True)
class Enter:
    """Create or Update (5.6.11) and, where the entity must be known, Add Attributes (5.6.12)."""

    name: ClassVar[str] = "temporal-enter"
    evolution: Evolution
    may_create: bool

    @property
    def entity(self) -> str:
        return self.evolution.id

    @property
    def attributes(self) -> list[str]:
        return list(dict.fromkeys(item.attribute for item in self.evolution.entered))

    async def run(self, work: Work) -> bool:
        """Adds the instances; an entity that is known by nothing else is then known by its past."""
        id, scope = self.entity, work.scope
        found = await store.standing(work.connection, scope.tenant, id)
        if found is None or not scope.on(found.types).may_read(found.data_class, found.writer):
            if not self.may_create:
                raise not_there()
            require_class(scope.on(self.evolution.types), work.declarations.class_of(self.evolution.types), None)
            if found is not None:
                raise taken(id)
        else:
            require_change(scope.on(found.types), found.data_class, found.writer)
        known = found.types if found is not None else ()
        types = tuple(dict.fromkeys((*known, *self.evolution.types)))
        data_class = work.declarations.class_of(types)
        if found is not None:
            data_class = _stricter(work.declarations, found, data_class)
            require_class(scope.on(types), data_class, found.writer)
        self._refuse_personal(work, types)
        await self._know(work, found, types, data_class)
        await store.add(
            work.connection, scope.tenant, id, work.now, work.change, [self._row(work, item) for item in self.evolution.entered]
        )
        await work.names(id, types, self.evolution.entered)
        return found is None

    def _refuse_personal(self, work: Work, types: tuple[str, ...]) -> None:
        if DataClass.PERSONAL in work.scope.write_classes:
            return
        for name in self.attributes:
            if name in work.declarations.personal(types):
                raise Forbidden(
                    f"attribute {name!r} holds personal data by declaration and needs permission to write personal data",
                    detail_ja=f"属性「{name}」は個人情報として定義されているため、書き込みには権限が必要です。",
                )

    async def _know(self, work: Work, found: Standing | None, types: tuple[str, ...], data_class: DataClass) -> None:
        """Notes what the entity is, so that the gate knows it."""
        tenant, key, personal = work.scope.tenant, " ".join(sorted(types)), sorted(work.declarations.personal(types))
        if found is None:
            known = (data_class.value, personal, work.scope.principal, tenant, work.now)
            await store.first_past(work.connection, tenant, self.entity, work.change, key, *known)
        elif found.last_change is not None:
            facts = (data_class.value, personal, work.now)
            await store.move_past(work.connection, tenant, self.entity, found.last_change, work.change, key, *facts)
        elif set(types) != set(found.types):
            await work.add_types(self.entity, types)

    def _row(self, work: Work, item: Entered) -> dict[str, Any]:
        key = (self.entity, item.attribute, item.dataset)
        number = work.entered[key]
        work.entered[key] += 1
        return {
            "attribute": item.attribute,
            "dataset": item.dataset,
            "number": number,
            "operation": "deleted" if item.instance is None else "created",
            "observed_at": item.observed_at,
            "instance": item.instance,
        }


def _stricter(declarations: Declarations, found: Standing, data_class: DataClass) -> DataClass:
    """The class of the past never becomes laxer by what is declared today: it was another when it was written."""
    return (
        data_class
        if declarations.class_of(found.types) is found.data_class
        else max(data_class, found.data_class, key=list(DataClass).index)
    )


def _missing(attribute: str) -> ResourceNotFound:
    return ResourceNotFound(
        f"the past of the entity has no such instance of {attribute}", detail_ja=f"属性 {attribute} のその履歴はありません。"
    )


@dataclass(frozen=True, slots=True)
class _OfInstance:
    """An operation on one instance."""

    entity: str
    attribute: str
    key: InstanceKey | None

    @property
    def attributes(self) -> list[str]:
        return [self.attribute]

    async def _found(self, work: Work) -> Any:
        await work.standing(self.entity)
        closed = await work.closed(self.entity)
        if self.key is None or self.attribute in closed.hidden.split(" ") or self.attribute in ("type", "expiresAt"):
            raise _missing(self.attribute)
        rows = await store.find(
            work.connection, work.scope.tenant, self.entity, self.attribute, self.key.at, self.key.number, closed.forbidden
        )
        for row in rows:
            if self.key.is_of(row["dataset"]):
                return row
        raise _missing(self.attribute)


@dataclass(frozen=True, slots=True)
class EraseInstance(_OfInstance):
    """Delete Attribute instance (5.6.15)."""

    name: ClassVar[str] = "temporal-erase-instance"

    async def run(self, work: Work) -> bool:
        """Removes it; the other instances stay."""
        row = await self._found(work)
        assert self.key is not None
        where = (self.key.at, row["change"], self.key.number, row["dataset"])
        await store.erase_instance(work.connection, work.scope.tenant, self.entity, self.attribute, *where)
        return False


@dataclass(frozen=True, slots=True)
class CorrectInstance(_OfInstance):
    """Modify Attribute instance (5.6.14): createdAt stays, modifiedAt becomes the moment of the correction."""

    name: ClassVar[str] = "temporal-correct"
    entered: Entered

    async def run(self, work: Work) -> bool:
        """Puts the new one in its place."""
        standing = await work.standing(self.entity)
        row = await self._found(work)
        assert self.key is not None
        assert self.entered.instance is not None
        if row["is_deletion"]:
            raise BadRequestData(
                "the instance says that the attribute was deleted; there is no value to correct",
                detail_ja="削除を表すインスタンスは訂正できません。",
                mend="Delete this instance, and add another.",
            )
        if self.entered.dataset not in (NONE, row["dataset"]):
            raise BadRequestData(
                f"the instance is of the dataset {row['dataset']}; a correction cannot give it another",
                detail_ja="訂正では datasetId を変えられません。",
            )
        instance = dict(self.entered.instance)
        if row["dataset"] != NONE:
            instance["datasetId"] = row["dataset"]
        observed_at = self.entered.observed_at or (work.now.isoformat() if self.attribute == "scope" else None)
        where = (self.key.at, row["change"], self.key.number, row["dataset"])
        await store.correct_instance(
            work.connection,
            work.scope.tenant,
            self.entity,
            self.attribute,
            *where,
            orjson.dumps(instance),
            observed_at,
            work.now,
        )
        await work.names(self.entity, standing.types, [replace(self.entered, instance=instance)])
        return False


@dataclass(frozen=True, slots=True)
class EraseAttribute:
    """Delete Attribute (5.6.13): of one dataset, or of all."""

    name: ClassVar[str] = "temporal-erase-attribute"
    entity: str
    attribute: str
    dataset: str | None

    @property
    def attributes(self) -> list[str]:
        return [self.attribute]

    async def run(self, work: Work) -> bool:
        """ResourceNotFound where there is nothing to erase, or nothing that the asker may see."""
        await work.standing(self.entity)
        closed = await work.closed(self.entity)
        if self.attribute in closed.hidden.split(" ") or self.attribute in ("type", "expiresAt"):
            raise _missing(self.attribute)
        erased = await store.erase_attribute(
            work.connection, work.scope.tenant, self.entity, closed.forbidden, self.attribute, self.dataset
        )
        if not erased:
            raise _missing(self.attribute)
        return False


@dataclass(frozen=True, slots=True)
class EraseEvolution:
    """Delete Temporal Evolution (5.6.16). Like deleting an entity it removes what the asker does not see of it, too."""

    name: ClassVar[str] = "temporal-erase"
    entity: str

    @property
    def attributes(self) -> list[str]:
        return []

    async def run(self, work: Work) -> bool:
        """The entity itself stays, where it is there; so does the past in which it was of a class closed to the asker."""
        await work.standing(self.entity)
        closed = await work.closed(self.entity)
        await store.erase_all(work.connection, work.scope.tenant, self.entity, closed.forbidden)
        return False
