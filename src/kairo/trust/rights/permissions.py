"""Who may ask, decide, dispose and prepare a report? Each question once as a boolean and once as a check that raises."""

from typing import Final, Protocol

from kairo.context.gate import Scope
from kairo.errors import Forbidden, ResourceNotFound, SignInNeeded
from kairo.trust.identity.permissions import COUNTER
from kairo.trust.identity.principals import PrincipalKind
from kairo.trust.identity.sessions.session import Session, require, strong_enough

RIGHTS: Final = "rights"  # decides on requests
DISPOSAL: Final = "disposal"  # proposes what is disposed of, and confirms what others proposed
BREACHES: Final = "breaches"  # prepares reports of leaks
AAL, IAL = 2, 2
_STAFF: Final = frozenset({PrincipalKind.ADMINISTRATOR, PrincipalKind.STAFF})


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


def may_ask(scope: Scope, session: Session | None, person: str) -> bool:
    """Whether they may ask for this person: themselves, or whom they fully represent (76条2項), with their identity proofed at a counter
    and a strong sign-in (77条2項)."""
    return person in scope.persons and strong_enough(session, aal=AAL, ial=IAL)


def check_ask(scope: Scope, session: Session | None, person: str) -> Session:
    """The session, where `may_ask`. Raises SignInNeeded, Forbidden for a weak identity, ResourceNotFound for others' data."""
    if not scope.persons:
        raise SignInNeeded("this page is for residents", detail_ja="市民としてログインすると使えます。")
    if person not in scope.persons:
        raise unknown()
    return require(session, aal=AAL, ial=IAL)


def check_see(scope: Scope) -> None:
    """Raises SignInNeeded for who is no resident."""
    if not scope.persons:
        raise SignInNeeded("this page is for residents", detail_ja="市民としてログインすると使えます。")


def is_staff(standing: Standing) -> bool:
    """Whether the console's pages are for this asker."""
    return standing.principal.partition(":")[0] in _STAFF


def may_decide(standing: Standing) -> bool:
    """Whether they see and decide requests."""
    return is_staff(standing) and standing.may(RIGHTS)


def check_decide(standing: Standing) -> None:
    """Raises unless `may_decide`."""
    _check(standing, RIGHTS)


def may_record(standing: Standing) -> bool:
    """Whether they record what somebody asks for at the counter."""
    return is_staff(standing) and (standing.may(RIGHTS) or standing.may(COUNTER))


def check_record(standing: Standing) -> None:
    """Raises unless `may_record`."""
    if not may_record(standing):
        _check(standing, RIGHTS)


def may_dispose(standing: Standing) -> bool:
    """Whether they propose and confirm disposal."""
    return is_staff(standing) and standing.may(DISPOSAL)


def check_dispose(standing: Standing) -> None:
    """Raises unless `may_dispose`."""
    _check(standing, DISPOSAL)


def may_report(standing: Standing) -> bool:
    """Whether they prepare reports of leaks."""
    return is_staff(standing) and standing.may(BREACHES)


def check_report(standing: Standing) -> None:
    """Raises unless `may_report`."""
    _check(standing, BREACHES)


def _check(standing: Standing, power: str) -> None:
    if standing.principal.startswith(PrincipalKind.ANONYMOUS):
        raise SignInNeeded("this page is for staff", detail_ja="職員専用の画面です。")
    if not is_staff(standing):
        raise Forbidden("this is for staff", detail_ja="この画面は職員専用です。")
    if not standing.may(power):
        raise Forbidden(
            f"this needs a duty that includes the permission {power!r}",
            detail_ja="選択中の職務には、この操作の権限がありません。",
            mend="Choose another duty at /console/duty, or ask whoever gives roles.",
            mend_ja="「職務の選択」で別の職務を選ぶか、権限管理者にご相談ください。",
        )


def unknown() -> ResourceNotFound:
    """What is said of a request that is not there, or somebody else's: the same."""
    return ResourceNotFound("there is no such request", detail_ja="その請求はありません。")
