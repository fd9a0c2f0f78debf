"""What is an entity, an attribute, a value? Reading them, checking them, writing them (CIM 009 clauses 4.5 to 4.8, 4.18)."""

from kairo.context.model.geometry import box_of as bounds_of
from kairo.context.model.stored import Fragment, GeometryEntry, Instance, ParsedEntity, Stored, geometries, geometries_of
from kairo.context.model.terms import CORE_CONTEXT, TermMap

__all__ = [
    "CORE_CONTEXT",
    "Fragment",
    "GeometryEntry",
    "Instance",
    "ParsedEntity",
    "Stored",
    "TermMap",
    "bounds_of",
    "geometries",
    "geometries_of",
]
