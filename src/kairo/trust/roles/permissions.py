"""What may whoever works under a duty do? Each question once as a boolean and once as a check that raises."""

from dataclasses import dataclass

from kairo.errors import Forbidden, Unauthenticated
from kairo.trust.identity.principals import PrincipalKind
from kairo.trust.roles.rules import CONFIRM, GRANT_ROLES, OPEN_EMERGENCY, SEE_READERS, STAFF, Assignment


@dataclass(frozen=True, slots=True)
class Standing:
    """Who asks, and with which powers at this moment: those of the assignments of the duty (`purpose`) that they have chosen. The
    local administrator has all powers, and is one person like others where two are needed."""

    tenant: str
    principal: str
    purpose: str
    powers: frozenset[str] = frozenset()
    held: tuple[Assignment, ...] = ()

    @property
    def is_administrator(self) -> bool:
        """The local administrator."""
        return self.principal.partition(":")[0] == PrincipalKind.ADMINISTRATOR

    def may(self, power: str) -> bool:
        """Whether the duty includes this power."""
        return self.is_administrator or power in self.powers

    def check(self, power: str) -> None:
        """Raises Unauthenticated for who is no staff, Forbidden where the duty does not include it."""
        if not may_enter(self):
            raise Unauthenticated("this is for staff", detail_ja="この画面は職員専用です。")
        if not self.may(power):
            raise Forbidden(
                f"this needs a duty that includes the permission {power!r}",
                detail_ja="選択中の職務には、この操作の権限がありません。",
                mend="Choose another duty at /console/duty, or ask whoever gives roles.",
                mend_ja="「職務の選択」で別の職務を選ぶか、権限管理者にご相談ください。",
            )


def may_enter(standing: Standing) -> bool:
    """Whether the console's pages are for this asker: staff and the administrator."""
    return standing.is_administrator or standing.principal.startswith(STAFF)


def check_enter(standing: Standing) -> None:
    """Raises Unauthenticated unless `may_enter`."""
    if not may_enter(standing):
        raise Unauthenticated("this is for staff", detail_ja="この画面は職員専用です。")


def may_grant(standing: Standing) -> bool:
    """Whether they propose assignments and take them back."""
    return may_enter(standing) and standing.may(GRANT_ROLES)


def check_grant(standing: Standing) -> None:
    """Raises unless `may_grant`."""
    standing.check(GRANT_ROLES)


def may_confirm(standing: Standing) -> bool:
    """Whether they are asked to be the second person."""
    return may_enter(standing) and standing.may(CONFIRM)


def check_confirm(standing: Standing) -> None:
    """Raises unless `may_confirm`."""
    standing.check(CONFIRM)


def may_see_roles(standing: Standing) -> bool:
    """Whether they see who has which role."""
    return may_grant(standing) or may_confirm(standing) or may_see_readers(standing)


def check_see_roles(standing: Standing) -> None:
    """Raises unless `may_see_roles`."""
    if not may_see_roles(standing):
        standing.check(SEE_READERS)


def may_open_emergency(standing: Standing) -> bool:
    """Whether they open an emergency release."""
    return may_enter(standing) and standing.may(OPEN_EMERGENCY)


def check_open_emergency(standing: Standing) -> None:
    """Raises unless `may_open_emergency`."""
    standing.check(OPEN_EMERGENCY)


def may_see_readers(standing: Standing) -> bool:
    """Whether they ask of any entity who may read it."""
    return may_enter(standing) and standing.may(SEE_READERS)


def check_see_readers(standing: Standing) -> None:
    """Raises unless `may_see_readers`."""
    standing.check(SEE_READERS)
