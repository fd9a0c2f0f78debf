"""Who may use the console? The administrator. Each question once as a boolean and once as a check that raises."""

from kairo.context.gate import DataClass, Scope
from kairo.errors import Unauthenticated


def may_administer(scope: Scope) -> bool:
    """Whoever sees all subscriptions and may read everything that they would be told."""
    return scope.subscriptions == "all" and DataClass.PERSONAL in scope.read_classes


def check_administer(scope: Scope) -> None:
    """Raises Unauthenticated unless `may_administer`."""
    if not may_administer(scope):
        raise Unauthenticated(
            "the console is for the administrator",
            detail_ja="この画面は管理者専用です。",
            mend="Sign in by the link that Kairo printed when it started, or by `kairo link`.",
            mend_ja="起動時に表示されたリンク、または kairo link のリンクからサインインしてください。",
        )
