"""Which roles have the demo's people? Given by the very rules: the first by the administrator alone, all dangerous ones by two."""

from datetime import datetime, timedelta

from kairo.trust.identity.accounts.demo import ROLES, key_of
from kairo.trust.identity.principals import LOCAL_ADMINISTRATOR
from kairo.trust.roles.permissions import Standing
from kairo.trust.roles.rules import CONFIRM
from kairo.trust.roles.service import Proposal, Roles

# (who, role, purpose, who confirms), in the order in which they are given.
GIVEN = (
    ("auditor", "role-officer", "role-administration", None),
    ("officer-1", "emergency-officer", "disaster-response", "auditor"),
    ("officer-2", "emergency-officer", "disaster-response", "auditor"),
    ("auditor", "privacy-officer", "privacy-oversight", "officer-1"),
    ("clerk", "counter", "counter", None),
    ("clerk", "counter", "consent-counter", None),
)


async def seed(roles: Roles, tenant: str, now: datetime) -> None:
    """Gives the demo's people their roles, where nobody has any yet."""
    if await roles.all(tenant):
        return
    departments = {role.slug: role.department or "" for role in ROLES}
    administrator = Standing(tenant, LOCAL_ADMINISTRATOR.id, "administration")
    for slug, role, purpose, second in GIVEN:
        words = (departments[slug], "", purpose, "デモの登場人物（合成）")
        wanted = Proposal(f"staff:{key_of(slug)}", role, *words, now, now + timedelta(days=365))
        one = await roles.propose(administrator, wanted)
        if second is not None:
            await roles.confirm(Standing(tenant, f"staff:{key_of(second)}", "demo", frozenset({CONFIRM})), one.id)
