"""What does a part of the program say of itself? One manifest a service or capability; `app.py` puts the program together
from them: entity types, routes, navigation, reactions, roles. Reading the manifests tells what runs."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from kairo.platform.handling import Controller, DataCategory, Filing, Role, check_categories

Texts = Mapping[str, str]  # language (ja, ja-x-easy, en) → text
Doc = dict[str, Any]  # an entity in stored form (docs/architecture.md)

VALUES = ("text", "texts", "number", "integer", "boolean", "time", "date")  # of a Property
GEOMETRIES = ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon")  # of a GeoProperty
KINDS = (  # of attributes, where the kind says all
    *("GeoProperty", "Relationship", "LanguageProperty", "VocabProperty", "JsonProperty", "ListProperty", "ListRelationship"),
)


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a version of an entity type. `value` is one of VALUES or GEOMETRIES, or empty where its kind says all;
    `unit` a UN/CEFACT common code."""

    name: str
    kind: str
    value: str = ""
    unit: str = ""
    required: bool = False


def attributes(**said: str) -> tuple[Attribute, ...]:
    """Attributes by name, each in few words: a kind, a value or a geometry, then a unit; `!` where an entity must have it.

        attributes(name="LanguageProperty!", location="Point", waterLevel="number MTR")

    What is none of these words is a programming error: ValueError.
    """
    return tuple(
        _attribute(name, *words.removesuffix("!").split(), required=words.endswith("!")) for name, words in said.items()
    )


def _attribute(name: str, word: str, unit: str = "", *, required: bool) -> Attribute:
    if word in KINDS:
        return Attribute(name, word, "", unit, required)
    if word not in VALUES + GEOMETRIES:
        raise ValueError(f"{name}: {word!r} is no kind, value or geometry: {', '.join(KINDS + VALUES + GEOMETRIES)}")
    return Attribute(name, "Property" if word in VALUES else "GeoProperty", word, unit, required)


@dataclass(frozen=True, slots=True)
class FormerVersion:
    """A version of an entity type that was published and has a successor (docs/adr/0016).

    `upcast` turns a document of this version into one of the next: pure, and content with any part of an entity. From
    `deprecated_since` the successor is there; up to, and not on, the day `sunset` (in Tokyo) writers may send this version's
    shape. A successor that only adds attributes needs neither `upcast` nor `sunset`.
    """

    attributes: tuple[Attribute, ...]
    deprecated_since: date
    sunset: date | None = None
    upcast: Callable[[Doc], Doc] | None = None


@dataclass(frozen=True, slots=True)
class HistorySampling:
    """In how much detail history is kept: of what was entered more than `after_days` ago one instance of each attribute and
    dataset a period of `period_hours` (a day is one in Japan). `keep`: the last one, or with `mean` that one with the mean of
    the period's numbers; what is no number keeps its last one. Creations and deletions stay."""

    after_days: float
    period_hours: float = 24
    keep: Literal["last", "mean"] = "last"


@dataclass(frozen=True, slots=True)
class Concerns:
    """Whom an entity is about: the persons that `relationship` names (`id`: the entity is the person), in this role. `attributes`:
    those that are about them; none given: all."""

    relationship: str
    role: str
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EntityType:
    """An entity type that a part declares. Its class decides who may read it (docs/architecture.md, the gate).

    `attributes` are those that its schema and its @context publish; entities may have others. `former` are the versions before
    the present one, the first one first. `personal_attributes` are withheld from whoever may not read personal data;
    those of former versions stay among them, for history keeps their names.
    `history_days` is how long history is kept (None: for good), `synthetic_history_hours` that of entities that say
    `synthetic` (which are then not thinned out), `history_sampling` from when on it is kept in less detail (None: never).
    `searchable` names the attributes whose text the search finds; only types that are open have any.
    `subjects` say whom its personal data are about: each of them must agree before a grant shows them (docs/adr/0018).
    `category` says what the law calls its data, `categories` that of attributes of another one (platform/handling.py); both agree
    with the class. `controller`: who answers for them. `listed`: attributes that hold items of the 避難行動要支援者名簿
    (災害対策基本法 49条の10第2項), which an emergency releases. `filing`: what the register of personal information files says of it.
    """

    type: str
    data_class: Literal["open", "personal"]
    title: Texts
    personal_attributes: frozenset[str] = frozenset()
    searchable: tuple[str, ...] = ()
    history_days: float | None = None
    synthetic_history_hours: float | None = None
    history_sampling: HistorySampling | None = None
    attributes: tuple[Attribute, ...] = ()
    former: tuple[FormerVersion, ...] = ()
    subjects: tuple[Concerns, ...] = ()
    category: DataCategory | None = None
    categories: Mapping[str, DataCategory] = field(default_factory=dict)
    controller: Controller = Controller.MUNICIPAL
    listed: frozenset[str] = frozenset()
    filing: Filing | None = None

    def __post_init__(self) -> None:
        """A version that breaks with the one before says how its documents are brought over, and by when; categories agree with
        classes: else ValueError."""
        known = {one.name for version in range(1, self.version + 1) for one in self.attributes_of(version)}
        check_categories(self.type, self.data_class, self.category, self.categories, known, self.personal_attributes)
        for number, one in enumerate(self.former, 1):
            added = set(self.attributes_of(number + 1)) - set(one.attributes)
            gone = set(one.attributes) - set(self.attributes_of(number + 1))
            only_adds = not gone and not any(attribute.required for attribute in added)
            if (one.upcast is None) != (one.sunset is None) or (one.upcast is None and not only_adds):
                raise ValueError(f"version {number} of {self.type} needs an upcast and a sunset, or a successor that only adds")

    def category_of(self, attribute: str) -> DataCategory:
        """What the law calls this attribute's data. Personal data that say no more are 個人情報."""
        if attribute in self.categories:
            return self.categories[attribute]
        if self.category not in (None, DataCategory.OPEN):
            return self.category
        is_closed = self.data_class == "personal" or attribute in self.personal_attributes
        return DataCategory.PERSONAL if is_closed else DataCategory.OPEN

    @property
    def version(self) -> int:
        """The number of the present version; the first is 1."""
        return len(self.former) + 1

    def attributes_of(self, version: int) -> tuple[Attribute, ...]:
        """The attributes of a version, 1 to `version`."""
        return (*(one.attributes for one in self.former), self.attributes)[version - 1]


@dataclass(frozen=True, slots=True)
class Category:
    """What of a person may be asked for, said so that a person understands it: these attributes (none given: all) of entities of
    these types. `sensitive`: it may hold 要配慮個人情報."""

    id: str
    title: Texts
    text: Texts
    types: tuple[str, ...]
    attributes: tuple[str, ...] = ()
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Purpose:
    """What personal data may be used for where the person agrees (利用目的): one version of its words.

    `id` is the purpose that an asker's scope names. `audience` is who may be agreed to: a resident (`family`), or those whom
    `recipients` names (principal → what people call them). `controller` answers for the use, under this `chapter` of the law and
    by these `articles`. A retired purpose takes no new consent.
    """

    id: str
    version: int
    audience: Literal["family", "application", "department"]
    title: Texts
    text: Texts
    controller: Texts
    chapter: Controller
    articles: tuple[str, ...]
    longest_days: int
    categories: tuple[Category, ...]
    recipients: Mapping[str, Texts] = field(default_factory=dict)
    retired: bool = False


@dataclass(frozen=True, slots=True)
class Navigation:
    """An entry of the main navigation, or of a resident's own page: its path below the language prefix, its title, its place in the
    order, and (own pages, those of staff) what one finds there. `power`: of the duty, or the
    purpose, that opens a page of staff."""

    path: str
    title: Texts
    order: int
    about: Texts = field(default_factory=dict)
    power: str = ""


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
    own_pages: tuple[Navigation, ...] = ()
    staff_pages: tuple[Navigation, ...] = ()
    reactions: tuple[On, ...] = field(default=())
    roles: tuple[Role, ...] = ()
    purposes: tuple[Purpose, ...] = ()
