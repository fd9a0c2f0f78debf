"""In which words is a change refused? The same for what is not there and for what the asker may not know of."""

from kairo.context.gate import DataClass, Scope
from kairo.errors import AlreadyExists, Forbidden, ResourceNotFound, Unauthenticated


def not_there() -> ResourceNotFound:
    """There is no such entity, or the asker may not know of it."""
    return ResourceNotFound("There is no such entity.", detail_ja="そのエンティティはありません。")


def taken(id: str) -> AlreadyExists:
    """Nothing is said of the entity that has the id already: it may be one that the asker may not see."""
    return AlreadyExists(f"The entity {id} exists already.", detail_ja=f"エンティティ {id} はすでに存在します。")


def require_change(scope: Scope, data_class: DataClass, writer: str) -> None:
    """Raises unless the asker may change an entity that is there: not found for what may not even be seen."""
    if not scope.may_write(data_class, writer) and not scope.may_read(data_class, writer):
        raise not_there()
    require_class(scope, data_class, writer)


def require_class(scope: Scope, data_class: DataClass, writer: str | None) -> None:
    """Raises unless the asker may write entities of this class (`writer` None: it is new): sign in, else forbidden."""
    if scope.may_write(data_class, writer):
        return
    if scope.principal == "anonymous:":
        raise Unauthenticated(
            f"writing {data_class} entities needs credentials",
            detail_ja="書き込みには認証が必要です。",
            mend="Send Authorization: Bearer with a token; the local administrator's is in the data folder (admin.token).",
            headers={"WWW-Authenticate": 'Bearer realm="kairo"'},
        )
    raise Forbidden(
        f"{scope.principal} may not write {data_class} entities", detail_ja="この種類のデータを書き込む権限がありません。"
    )
