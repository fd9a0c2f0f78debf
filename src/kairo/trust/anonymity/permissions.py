"""Who may make statistics and extracts? Whoever has that among their duties; each question once as a boolean and once as a check."""

from typing import Final, Protocol

from kairo.context.gate import Scope
from kairo.errors import Forbidden, Unauthenticated
from kairo.trust.identity.principals import PrincipalKind

STATISTICS: Final = "statistics"
EXTRACTS: Final = "extracts"


class Offices(Protocol):
    """Who knows duties: trust/roles."""

    async def may(self, scope: Scope, power: str) -> bool:
        """Whether a duty of the asker, for the purpose of the scope, allows this."""
        ...


async def may_make(scope: Scope, offices: Offices, permission: str) -> bool:
    """Whether the asker may make statistics, or extracts; nobody may without a purpose."""
    return bool(scope.purpose) and await offices.may(scope, permission)


async def check_make(scope: Scope, offices: Offices, permission: str) -> None:
    """Raises Unauthenticated for nobody in particular, Forbidden for others, unless `may_make`."""
    if await may_make(scope, offices, permission):
        return
    if scope.principal.startswith(f"{PrincipalKind.ANONYMOUS}:"):
        raise Unauthenticated("statistics of persons are made by staff", detail_ja="個人に関する統計の作成は職員専用です。")
    raise Forbidden(
        f"none of your duties has the permission {permission!r}", detail_ja="あなたの職務では、この集計や抽出はできません。"
    )
