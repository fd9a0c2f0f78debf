"""Whom are personal data about, and who was granted them? (docs/adr/0018)"""

from kairo.context.granting.grants import Grant
from kairo.context.granting.store import give, given_to, shield, withdraw
from kairo.context.granting.subjects import subject_rows

__all__ = ["Grant", "give", "given_to", "shield", "subject_rows", "withdraw"]
