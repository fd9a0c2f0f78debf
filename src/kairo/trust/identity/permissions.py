"""Who may work at the counter with people's accounts, and who with those of staff? Each as a boolean and as a check that raises.

Which duty has which power is for trust/roles to say; it is handed in (`Identity.powers`). Nobody but the administrator has any
until then.
"""

from dataclasses import dataclass
from typing import Final, Protocol

from kairo.context.gate import Scope
from kairo.errors import Forbidden
from kairo.trust.identity.principals import LOCAL_ADMINISTRATOR, PrincipalKind
from kairo.trust.identity.sessions.session import Session, require

COUNTER: Final = "identity:counter"  # finds residents, records mandates on paper, gives enrolment links
PERSONNEL: Final = "identity:personnel"  # looks after the accounts of staff and their departments


class Held(Protocol):
    """What someone's chosen duty allows."""

    def may(self, power: str) -> bool: ...


class Powers(Protocol):
    """Who knows what a duty allows: trust/roles."""

    async def standing(self, scope: Scope) -> Held: ...


@dataclass(frozen=True, slots=True)
class _Nothing:
    is_administrator: bool

    def may(self, power: str) -> bool:
        return self.is_administrator


class NoPowers:
    """Without roles: the administrator alone."""

    async def standing(self, scope: Scope) -> Held:
        return _Nothing(scope.principal == LOCAL_ADMINISTRATOR.id)


async def may(powers: Powers, scope: Scope, session: Session | None, power: str) -> bool:
    """Whether whoever asks is staff (or the administrator), signed in strongly, and has this power."""
    if session is None or session.aal < 2 or not _is_staff(session):
        return False
    return (await powers.standing(scope)).may(power)


async def check(powers: Powers, scope: Scope, session: Session | None, power: str) -> Session:
    """The session, where `may`. Raises SignInNeeded or Forbidden."""
    if session is not None and not _is_staff(session):
        raise Forbidden("this is for staff", detail_ja="この画面は職員専用です。")
    found = require(session, aal=2)
    if not (await powers.standing(scope)).may(power):
        raise Forbidden(
            f"this needs a duty that includes the permission {power!r}",
            detail_ja="選択中の職務には、この操作の権限がありません。",
            mend="Choose another duty, or ask whoever gives roles.",
            mend_ja="別の職務を選ぶか、権限管理者にご相談ください。",
        )
    return found


def _is_staff(session: Session) -> bool:
    return session.principal.kind in {PrincipalKind.STAFF, PrincipalKind.ADMINISTRATOR}
