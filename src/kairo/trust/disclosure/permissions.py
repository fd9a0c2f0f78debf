"""Who sees which looks? Each question once as a boolean and once as a check that raises."""

from typing import Protocol

from kairo.context.gate import Scope
from kairo.errors import ResourceNotFound, SignInNeeded
from kairo.trust.identity.principals import PrincipalKind, person_of

AUDIT = "audit"  # the power, and the purpose in the log of looks into it
_STAFF = frozenset({PrincipalKind.ADMINISTRATOR, PrincipalKind.STAFF})


class Standing(Protocol):
    """Who asks, and with which powers of the duty that they have chosen. Implemented by roles."""

    @property
    def principal(self) -> str:
        """Who asks."""
        ...

    def may(self, power: str) -> bool:
        """Whether the duty includes this power."""
        ...


class Powers(Protocol):
    """Knows which powers a scope has. Implemented by roles."""

    async def standing(self, scope: Scope) -> Standing:
        """Those of this moment."""
        ...


def may_see_own(scope: Scope) -> bool:
    """Whether there are looks at whoever asks: a resident. Whom they act for is not meant: who else looked at a person may be just
    what that person does not want known."""
    return person_of(scope.principal) is not None


def check_see_own(scope: Scope) -> str:
    """The person who asks. Raises SignInNeeded for others."""
    person = person_of(scope.principal)
    if person is None:
        raise SignInNeeded("this page is for a resident who is signed in", detail_ja="市民としてログインすると見られます。")
    return person


def may_audit(standing: Standing) -> bool:
    """Whether someone sees all looks and answers questions about them: the administrator, and staff under a duty with this power."""
    return standing.principal.partition(":")[0] in _STAFF and standing.may(AUDIT)


def check_audit(standing: Standing) -> None:
    """Raises unless `may_audit`: SignInNeeded for nobody in particular; for all others the page is not there."""
    if may_audit(standing):
        return
    if standing.principal.startswith(PrincipalKind.ANONYMOUS):
        raise SignInNeeded("this page is for staff", detail_ja="職員専用の画面です。")
    raise ResourceNotFound("there is no such page", detail_ja="このページはありません。")
