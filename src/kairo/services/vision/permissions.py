"""Who may look at the Vision, and who may load it? Each question once as a boolean and once as a check that raises."""

from kairo.context.gate import DataClass, Scope
from kairo.errors import Forbidden


def may_read(scope: Scope) -> bool:
    """The Vision is open: whoever may read open data may read it."""
    return DataClass.OPEN in scope.read_classes


def check_read(scope: Scope) -> None:
    """Raises Forbidden unless `may_read`."""
    if not may_read(scope):
        raise Forbidden("reading open data is not allowed here", detail_ja="公開データの閲覧が許可されていません。")


def may_load(scope: Scope) -> bool:
    """Loading writes open facts and the pictured residents, who are handled as personal data."""
    return scope.write_classes >= {DataClass.OPEN, DataClass.PERSONAL}


def check_load(scope: Scope) -> None:
    """Raises Forbidden unless `may_load`."""
    if not may_load(scope):
        raise Forbidden(
            "loading the Vision needs the right to write open and personal entities",
            detail_ja="ビジョンの取り込みには、公開データと個人データを書き込む権限が必要です。",
        )
