"""How does a change of trust's own tables leave its audit record? One row of `change`, in the same unit, under the tenant's next number."""

from collections.abc import Sequence
from datetime import datetime

from kairo.context.entities.store import lock_tenant
from kairo.context.temporal.writing.store import audit
from kairo.errors import NonexistentTenant
from kairo.platform.db import Unit


async def record(
    unit: Unit, now: datetime, *, by: str, purpose: str, did: str, what: str, request: str = "", says: Sequence[str] = ()
) -> None:
    """Keeps who did what to what (the id of a row), and for which purpose; `says`: a reason, or what was changed of it. Takes the
    tenant's turn: raises NonexistentTenant."""
    turn = await lock_tenant(unit.connection, unit.tenant, 1, now)
    if turn is None:
        raise NonexistentTenant(f"there is no tenant {unit.tenant!r}", detail_ja=f"テナント「{unit.tenant}」はありません。")
    await audit(unit.connection, unit.tenant, turn.last_change, now, by, purpose, did, what, list(says), request)
