"""Is this payload the evolution of an entity, or an instance of an attribute? The temporal representations as input (CIM 009 5.2.20).

An attribute is one instance or an array of any number of them; several may have one datasetId. An instance whose value is the
NGSI-LD Null says that the attribute was deleted (4.5.7, 5.5.4).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from kairo.context.model.attributes import attribute_name, read_attribute
from kairo.context.model.draft import property_of
from kairo.context.model.faults import Fault
from kairo.context.model.kinds import KINDS
from kairo.context.model.names import NONE, RESERVED, check_uri, utc
from kairo.context.model.parse import Purpose, parse_attributes, parse_entity, refuse_personal_number
from kairo.context.model.reading import Reading, is_null
from kairo.context.model.stored import VALUE_NAMES, Instance, dataset_of
from kairo.context.model.terms import TermMap
from kairo.errors import BadRequestData, PayloadTooLarge

_ENTITY_MEMBERS = ("id", "type", "@context")
_READ_ONLY = ("createdAt", "modifiedAt", "deletedAt")


@dataclass(frozen=True, slots=True)
class Entered:
    """One instance that is entered; `instance` is None where it says that the attribute was deleted."""

    attribute: str
    dataset: str
    instance: Instance | None
    observed_at: str | None


@dataclass(frozen=True, slots=True)
class Evolution:
    """What is entered of one entity's past."""

    id: str
    types: tuple[str, ...]
    entered: tuple[Entered, ...]


def parse_evolution(payload: dict[str, Any], terms: TermMap, most: int) -> Evolution:
    """A whole EntityTemporal: with id and type."""
    known = parse_entity({name: payload[name] for name in _ENTITY_MEMBERS if name in payload}, terms)
    return Evolution(known.id, known.types, _entered(payload, terms, most))


def parse_additions(payload: dict[str, Any], terms: TermMap, id: str, most: int) -> Evolution:
    """A fragment of one: an id must be that of the target, types are optional."""
    head = {name: payload[name] for name in _ENTITY_MEMBERS if name in payload}
    known = parse_attributes(head, terms, Purpose.WHOLE, entity_id=id)
    return Evolution(id, known.types, _entered(payload, terms, most))


def parse_correction(payload: dict[str, Any], terms: TermMap, term: str, name: str) -> Entered:
    """One instance that takes the place of another: by itself, or as the only one of a fragment (5.6.14)."""
    if term in payload and VALUE_NAMES.isdisjoint(payload) and payload.get("type") not in KINDS:
        raw = payload[term]
    else:
        raw = {key: value for key, value in payload.items() if key != "@context"}
    found = list(_of_attribute(name, raw, Reading(terms.expand)))
    if len(found) != 1:
        raise BadRequestData(
            f"the body has {len(found)} instances; one takes the place of the one that is corrected (5.6.14)",
            detail_ja="本文には、置き換えるインスタンスを1件だけ入れてください。",
        )
    if found[0].instance is None:
        raise BadRequestData(
            "an instance cannot be corrected to urn:ngsi-ld:null",
            detail_ja="インスタンスを urn:ngsi-ld:null に訂正することはできません。",
            mend="Delete the instance instead.",
            mend_ja="インスタンスを DELETE してください。",
        )
    return found[0]


def _entered(payload: dict[str, Any], terms: TermMap, most: int) -> tuple[Entered, ...]:
    reading = Reading(terms.expand)
    found: list[Entered] = []
    for key, raw in payload.items():
        if key in _ENTITY_MEMBERS or key in _READ_ONLY:
            continue
        try:
            name = key if key == "scope" else _name(key, reading)
        except Fault as fault:
            raise fault.at(key).report() from None
        found.extend(_of_attribute(name, raw, reading))
        if len(found) > most:
            raise PayloadTooLarge(
                f"the body has more than {most} instances",
                detail_ja=f"インスタンスが上限（{most}件）を超えています。",
                mend="Send them in several requests; nothing was changed.",
            )
    return tuple(found)


def _name(key: str, reading: Reading) -> str:
    if key in RESERVED:
        raise Fault("no such member in the past of an entity", "履歴にはこの項目は置けません")
    return attribute_name(key, reading)


def _of_attribute(name: str, raw: Any, reading: Reading) -> Iterator[Entered]:
    """The instances of one attribute. Raises BadRequestData that names the place."""
    items = raw if type(raw) is list and any(_is_instance(item) for item in raw) else [raw]
    for index, item in enumerate(items):
        try:
            if items is raw and not _is_instance(item):
                raise Fault("an attribute instance, as the others of this array", "他と同じ属性インスタンス", item)
            yield _scope(item) if name == "scope" else _instance(name, item, reading)
        except Fault as fault:
            raise (fault.at(index) if items is raw else fault).at(name).report() from None


def _is_instance(item: Any) -> bool:
    return type(item) is dict and ("type" in item or "datasetId" in item or not VALUE_NAMES.isdisjoint(item))


def _instance(name: str, item: Any, reading: Reading) -> Entered:
    if type(item) is dict:
        gone = next((member for member in VALUE_NAMES if member in item and is_null(member, item[member])), None)
        if gone is not None:
            dataset = item.get("datasetId", NONE)
            return Entered(name, NONE if dataset == NONE else check_uri(dataset), None, _observed(item))
    stored = read_attribute(item, reading)
    if type(stored) is not dict:
        raise Fault("one instance", "1件のインスタンス", item)
    refuse_personal_number(name, stored)
    return Entered(name, dataset_of(stored), stored, stored.get("observedAt"))


def _scope(item: Any) -> Entered:
    """A scope: as the temporal representation of a Property (4.5.6), or as an entity has it."""
    value = item
    if type(item) is dict:
        unknown = set(item) - {"type", "value", "observedAt", "instanceId", *_READ_ONLY}
        if item.get("type", "Property") != "Property" or "value" not in item or unknown:
            raise Fault("a Property with value and observedAt (4.5.6)", "value と observedAt を持つ Property", item)
        value = item["value"]
    observed = _observed(item) if type(item) is dict else None
    if is_null("value", value):
        return Entered("scope", NONE, None, observed)
    scopes = parse_entity({"id": "urn:scope", "type": "Scope", "scope": value}, _NO_TERMS).scopes
    return Entered("scope", NONE, property_of(scopes), observed)


def _observed(item: dict[str, Any]) -> str | None:
    return utc(item["observedAt"]) if "observedAt" in item else None


class _Same:
    """Names as they are: a scope holds none."""

    attributes: ClassVar[dict[str, str]] = {}
    types: ClassVar[dict[str, tuple[str, ...]]] = {}

    @staticmethod
    def expand(term: str) -> str:
        return term


_NO_TERMS: Any = _Same()
