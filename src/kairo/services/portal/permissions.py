"""Who may see the portal? Everyone; what it shows of the graph is what the asker's scope shows."""

from kairo.context.gate import DataClass, Scope
from kairo.errors import Forbidden


def may_look(scope: Scope) -> bool:
    """Whoever may read open data may use the portal."""
    return DataClass.OPEN in scope.read_classes


def check_look(scope: Scope) -> None:
    """Raises Forbidden unless `may_look`."""
    if not may_look(scope):
        raise Forbidden("reading open data is not allowed here", detail_ja="公開データの閲覧が許可されていません。")
