"""How long is history kept, and in how much detail? What entity types declare of it, done in bounded steps (docs/adr/0014)."""

from kairo.context.temporal.keeping.keeper import Keeper

__all__ = ["Keeper"]
