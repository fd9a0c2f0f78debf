"""How much may one application, and one tenant, ask of the broker? Requests a second, entities, members of a batch."""

from kairo.context.quotas.quotas import Quotas

__all__ = ["Quotas"]
