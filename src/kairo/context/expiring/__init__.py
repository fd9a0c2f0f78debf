"""What becomes of an entity whose time is over? It is removed like one that is deleted, and those who subscribed are told (4.22)."""

from kairo.context.expiring.operation import Expire, expiry_scope, is_over

__all__ = ["Expire", "expiry_scope", "is_over"]
