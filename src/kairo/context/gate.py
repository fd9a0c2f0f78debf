"""What may this asker see and change? The broker asks a `Gate` and is handed a `Scope`: data that one SQL statement joins.

The broker never decides who someone is. Trust implements `Gate`; services declare data classes in their manifests, and
`Declarations` holds them. There is no way to the graph that does not take a `Scope`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal, Protocol

from kairo.platform.manifests import Concerns, EntityType


class DataClass(StrEnum):
    """How far data may travel. A row's class is the strictest of its types' classes."""

    OPEN = "open"  # declared open by a manifest: anyone may read
    UNDECLARED = "undeclared"  # no manifest knows the type: its writer and the administrator
    PERSONAL = "personal"  # declared personal: only through a basis that trust knows


_STRICTNESS = [DataClass.OPEN, DataClass.UNDECLARED, DataClass.PERSONAL]
_NOTHING: frozenset[str] = frozenset()
_NO_CLASS: frozenset[DataClass] = frozenset()


@dataclass(frozen=True, slots=True)
class Declarations:
    """All declared entity types of the installation, by stored type name."""

    by_type: Mapping[str, EntityType] = field(default_factory=dict)
    _classes: Mapping[str, DataClass] = field(init=False, repr=False, compare=False)
    _personal: Mapping[str, frozenset[str]] = field(init=False, repr=False, compare=False)  # of the types that have any
    _subjects: Mapping[str, tuple[Concerns, ...]] = field(init=False, repr=False, compare=False)  # of the types that have any

    def __post_init__(self) -> None:
        """What every change asks for is looked up once."""
        classes = {name: DataClass(item.data_class) for name, item in self.by_type.items()}
        personal = {name: frozenset(item.personal_attributes) for name, item in self.by_type.items()}
        object.__setattr__(self, "_classes", classes)
        object.__setattr__(self, "_personal", {name: found for name, found in personal.items() if found})
        object.__setattr__(self, "_subjects", {name: item.subjects for name, item in self.by_type.items() if item.subjects})

    @staticmethod
    def of(declared: Iterable[EntityType]) -> "Declarations":
        """Collects declarations. Two manifests that declare one type are a programming error: ValueError."""
        by_type: dict[str, EntityType] = {}
        for item in declared:
            if item.type in by_type:
                raise ValueError(f"entity type {item.type} is declared twice")
            by_type[item.type] = item
        return Declarations(by_type)

    def class_of(self, types: Collection[str]) -> DataClass:
        """The strictest class among the types; a type that no manifest knows is undeclared."""
        if len(types) == 1:
            (only,) = types
            return self._classes.get(only, DataClass.UNDECLARED)
        classes = [self._classes.get(name, DataClass.UNDECLARED) for name in types]
        return max(classes, key=_STRICTNESS.index, default=DataClass.UNDECLARED)

    def personal(self, types: Iterable[str]) -> frozenset[str]:
        """The attributes that are personal by declaration of any of the types."""
        found = [self._personal[name] for name in types if name in self._personal]
        return _NOTHING.union(*found) if found else _NOTHING

    @property
    def have_subjects(self) -> bool:
        """Whether any type says whom its entities are about."""
        return bool(self._subjects)

    def subjects(self, types: Iterable[str]) -> list[Concerns]:
        """Whom an entity of these types is about, as they declare it."""
        return [one for name in types if name in self._subjects for one in self._subjects[name]]

    def withheld(self, types: Iterable[str], present: Iterable[str]) -> list[str]:
        """The attributes among `present` that are personal by declaration of any of the types, in order."""
        personal = self.personal(types)
        return [name for name in present if name in personal] if personal else []


@dataclass(frozen=True, slots=True)
class Scope:
    """What one asker may do in one tenant, for one purpose. Plain data: hashable, loggable, joined into SQL as parameters.

    `read_classes` and `write_classes` name the classes of rows that may be read and written. Undeclared rows are also read
    and written by the principal that wrote them (`own_undeclared`). `subscriptions` says whether one may subscribe, and whether
    one sees and changes the subscriptions of others too. `by_grants`: personal data that were granted to the principal for the
    purpose are read as well (query/seeing.py); `persons` are those whom the principal is, or acts for. `types`: only entities all
    of whose types are among these, None for any; `read_only`: nothing is written, not even what is one's own.
    """

    tenant: str
    principal: str
    purpose: str = "public"
    read_classes: frozenset[DataClass] = frozenset()
    write_classes: frozenset[DataClass] = frozenset()
    own_undeclared: bool = False
    may_create_tenant: bool = False
    subscriptions: Literal["none", "own", "all"] = "none"
    by_grants: bool = False
    persons: tuple[str, ...] = ()
    types: frozenset[str] | None = None
    read_only: bool = False

    def on(self, types: Iterable[str]) -> "Scope":
        """The scope on an entity of these types: itself, or one that may do nothing where any of them lies outside of `types`."""
        if self.types is None or self.types.issuperset(types):
            return self
        return replace(self, read_classes=_NO_CLASS, write_classes=_NO_CLASS, own_undeclared=False, by_grants=False)

    @property
    def may_write_anything(self) -> bool:
        """Whether there is anything that may be written."""
        return not self.read_only and (bool(self.write_classes) or self.own_undeclared)

    @property
    def reads_personal(self) -> bool:
        """Whether attributes that are withheld from the public are released."""
        return DataClass.PERSONAL in self.read_classes

    def may_read(self, data_class: DataClass, writer: str) -> bool:
        """The boolean twin of the SQL predicate of `context/entities/store.py`."""
        return data_class in self.read_classes or (
            self.own_undeclared and data_class is DataClass.UNDECLARED and writer == self.principal
        )

    def may_write(self, data_class: DataClass, writer: str | None) -> bool:
        """Whether a row of this class, written by `writer` (None: it is new), may be created, changed or deleted."""
        return not self.read_only and (
            data_class in self.write_classes
            or (self.own_undeclared and data_class is DataClass.UNDECLARED and writer in (None, self.principal))
        )


@dataclass(frozen=True, slots=True)
class Look:
    """Personal data of one entity that an asker is about to get. `attributes`: stored names, in order."""

    entity: str
    types: tuple[str, ...]
    attributes: tuple[str, ...]


class Witness(Protocol):
    """Who keeps the record of looks. Implemented by trust (trust/disclosure)."""

    async def saw(self, scope: Scope, looks: Sequence[Look], *, basis: str = "") -> None:
        """Keeps one record of these looks, in `scope.tenant`. It is committed when this returns; whoever calls hands the data on
        only then, and not at all where this raises. One call is one look at many entities. `basis`: one that no grant says."""
        ...


class Gate(Protocol):
    """Turns who is asking into a scope. Implemented by trust; denies by default."""

    async def scope(self, headers: Mapping[str, str], tenant: str, *, cookies: bool) -> Scope:
        """The scope of this request in `tenant` (headers by lower-case name).

        `cookies` says whether a session cookie counts: false for an API's write, which a foreign page could make a browser
        send. Raises Unauthenticated for credentials that are not valid. An unknown asker gets the anonymous scope.
        """
        ...

    async def standing(self, principal: str, tenant: str, purpose: str = "") -> Scope | None:
        """The scope that a principal has in `tenant` now, without a request: what is sent to a subscriber is held to it. `purpose`: the
        one for which it subscribed.

        None for who is not known any more (every credential was withdrawn): nothing is sent then.
        """
        ...
