"""Who has a page of their own? A resident who is signed in. Each question once as a boolean and once as a check that raises."""

from kairo.context.gate import Scope
from kairo.errors import SignInNeeded


def may_see_own(scope: Scope) -> bool:
    """Whoever is a person."""
    return bool(scope.persons)


def check_see_own(scope: Scope) -> None:
    """Raises SignInNeeded unless `may_see_own`: a browser is led to sign in and back."""
    if not may_see_own(scope):
        raise SignInNeeded("this page is for a resident who is signed in", detail_ja="市民としてログインすると見られます。")
