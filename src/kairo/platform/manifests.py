"""What does a part of the program say of itself? One manifest a service or capability; `app.py` puts the program together
from them: entity types, routes, navigation, reactions. Reading the manifests tells what runs."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Texts = Mapping[str, str]  # language (ja, ja-x-easy, en) → text


@dataclass(frozen=True, slots=True)
class EntityType:
    """An entity type that a part declares. Its class decides who may read it (docs/architecture.md, the gate).

    `personal_attributes` are withheld from whoever may not read personal data. `history_days` is how long history is kept
    (None: for good), `synthetic_history_hours` that of entities that say `synthetic`. `searchable` names the attributes whose text the search finds; only types that are open have any.
    """

    type: str
    data_class: Literal["open", "personal"]
    title: Texts
    personal_attributes: frozenset[str] = frozenset()
    searchable: tuple[str, ...] = ()
    history_days: float | None = None
    synthetic_history_hours: float | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Navigation:
    """An entry of the main navigation: its path below the language prefix, its title, its place in the order."""

    path: str
    title: Texts
    order: int


@dataclass(frozen=True, slots=True)
class Change:
    """What a reaction is told: ids only; it reads the entity itself, under its own scope."""

    tenant: str
    entity: str
    seq: int


Reaction = Callable[[list[Change]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class On:
    """A reaction to changes of entities of `type` (`*`: of every declared open type). Called with batches, at least once and
    mostly in order: it reads the entity as it is by then, and must be idempotent (docs/adr/0009)."""

    type: str
    reaction: Reaction


@dataclass(frozen=True, slots=True)
class Manifest:
    """One part of the program. `routes` are Litestar route handlers; `permissions` names for each path what it asks."""

    name: str
    title: Texts
    purpose: Texts
    depends_on: tuple[str, ...] = ()
    entity_types: tuple[EntityType, ...] = ()
    routes: tuple[Any, ...] = ()
    navigation: tuple[Navigation, ...] = ()
    reactions: tuple[On, ...] = field(default=())
