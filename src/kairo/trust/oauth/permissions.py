"""Who may look after applications, and who after their own sign-ins? Each question once as a boolean and once as a raising check.

Registering asks for less than approving: who registers an application does not let it in as well, unless they are the administrator.
"""

from typing import Final

from kairo.context.gate import Scope
from kairo.errors import Forbidden, ResourceNotFound, SignInNeeded
from kairo.trust.identity.permissions import Held
from kairo.trust.identity.principals import LOCAL_ADMINISTRATOR

APPLICATIONS: Final = "applications"  # the power of the duty that looks after them


def may_register(held: Held) -> bool:
    """Whoever acts under a duty that has the power, and the administrator."""
    return held.may(APPLICATIONS)


def may_decide(scope: Scope, held: Held, registered_by: str) -> bool:
    """Whether the asker may let an application in, or in again: not who registered it; but the administrator may."""
    return may_register(held) and (scope.principal != registered_by or scope.principal == LOCAL_ADMINISTRATOR.id)


def check_register(scope: Scope, held: Held) -> None:
    """Raises SignInNeeded for who is not signed in, ResourceNotFound for anyone else who may not know of this."""
    if may_register(held):
        return
    if scope.principal.startswith("anonymous:"):
        raise SignInNeeded("this page is for staff", detail_ja="この画面は職員専用です。")
    raise ResourceNotFound


def check_decide(scope: Scope, held: Held, registered_by: str) -> None:
    """Raises Forbidden unless `may_decide`."""
    check_register(scope, held)
    if not may_decide(scope, held, registered_by):
        raise Forbidden(
            "an application is approved by somebody other than who registered it",
            detail_ja="登録した本人は承認できません。ほかの職員に依頼してください。",
        )


def is_resident(scope: Scope) -> bool:
    """Whether a resident is signed in."""
    return scope.principal.startswith("resident:")


def check_resident(scope: Scope) -> None:
    """Raises SignInNeeded unless `is_resident`."""
    if not is_resident(scope):
        raise SignInNeeded("sign in to see your applications", detail_ja="連携アプリを見るにはログインしてください。")
