"""The gate of this installation: default deny. Open classes for everyone, personal data for the local administrator only.

With `--open` (loopback only) anyone also reads and writes open and undeclared entities; personal types stay closed.
"""

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Literal

from kairo.context.gate import DataClass, Scope
from kairo.errors import Unauthenticated
from kairo.trust.identity import ANONYMOUS, Credentials, Principal
from kairo.trust.identity.principals import PrincipalKind

SESSION_COOKIE = "kairo_session"
_OPEN = frozenset({DataClass.OPEN})
_OPEN_AND_UNDECLARED = frozenset({DataClass.OPEN, DataClass.UNDECLARED})
_ALL = frozenset(DataClass)
_REMEMBERED_MOST = 1000


class CityGate:
    """Implements `kairo.context.gate.Gate`."""

    def __init__(self, credentials: Credentials, *, open_to_all: bool = False) -> None:
        self._credentials = credentials
        self._open_to_all = open_to_all
        self._scopes: dict[tuple[str, str], Scope] = {}  # by principal and tenant: they follow from these two alone

    async def principal(self, headers: Mapping[str, str], *, cookies: bool = True) -> Principal:
        """Who sent this request. A session cookie counts only where `cookies` says so: never for an API's write, so that a
        page elsewhere cannot make a browser write. Raises Unauthenticated for a token that is not valid."""
        authorization = headers.get("authorization", "")
        if authorization:
            kind, _, secret = authorization.partition(" ")
            is_bearer = kind == "Bearer" or kind.lower() == "bearer"
            found = await self._credentials.who(secret.strip(), "token") if is_bearer else None
            if found is None:
                raise Unauthenticated(
                    "the Authorization header does not hold a valid Bearer token",
                    detail_ja="Authorization ヘッダーのトークンが有効ではありません。",
                    headers={"WWW-Authenticate": 'Bearer realm="kairo"'},
                )
            return found
        secret = session_secret(headers) if cookies else ""
        if secret:
            return await self._credentials.who(secret, "session") or ANONYMOUS
        return ANONYMOUS

    async def scope(self, headers: Mapping[str, str], tenant: str, *, cookies: bool = True) -> Scope:
        """The scope of this request (see `kairo.context.gate.Gate`)."""
        if "authorization" not in headers and "cookie" not in headers:
            return self.public(tenant)
        return self.scope_of(await self.principal(headers, cookies=cookies), tenant)

    async def standing(self, principal: str, tenant: str) -> Scope | None:
        """The scope of a subscriber at this moment (see `kairo.context.gate.Gate`). An application without any valid token has
        none; nobody in particular has one under `--open` only."""
        try:
            found = Principal.named(principal)
        except ValueError:  # a kind that an older program knew
            return None
        if found.kind is PrincipalKind.APPLICATION and not await self._credentials.has_token(found):
            return None
        scope = self.scope_of(found, tenant)
        return scope if scope.subscriptions != "none" else None

    async def may_see_metrics(self, headers: Mapping[str, str], client: str) -> bool:
        """Whether the program's own figures are shown: to this machine and to the administrator."""
        if client in {"127.0.0.1", "::1"} and "x-forwarded-for" not in headers:
            return True
        return (await self.principal(headers)).kind is PrincipalKind.ADMINISTRATOR

    def scope_of(self, principal: Principal, tenant: str) -> Scope:
        """What this principal may do in this tenant."""
        known = self._scopes.get((principal.id, tenant))
        if known is None:
            if len(self._scopes) >= _REMEMBERED_MOST:
                self._scopes.clear()
            known = self._scopes[principal.id, tenant] = self._scope_of(principal, tenant)
        return known

    def _scope_of(self, principal: Principal, tenant: str) -> Scope:
        if principal.kind is PrincipalKind.ADMINISTRATOR:
            return Scope(
                tenant,
                principal.id,
                purpose="administration",
                read_classes=_ALL,
                write_classes=_ALL,
                own_undeclared=True,
                may_create_tenant=True,
                subscriptions="all",
            )
        if principal.kind is PrincipalKind.APPLICATION:
            return Scope(
                tenant,
                principal.id,
                purpose="application",
                read_classes=_OPEN,
                write_classes=_OPEN,
                own_undeclared=True,
                subscriptions="own",
                by_grants=True,
            )
        classes = _OPEN_AND_UNDECLARED if self._open_to_all else _OPEN
        writes = _OPEN_AND_UNDECLARED if self._open_to_all else frozenset[DataClass]()
        mine: Literal["none", "own"] = "own" if self._open_to_all else "none"
        return Scope(tenant, ANONYMOUS.id, "public", classes, writes, False, self._open_to_all, mine)

    def public(self, tenant: str) -> Scope:
        """The scope of someone who has not said who they are."""
        return self.scope_of(ANONYMOUS, tenant)


def session_secret(headers: Mapping[str, str]) -> str:
    """The session cookie's value, or an empty string."""
    try:
        cookie = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return ""
    return cookie[SESSION_COOKIE].value if SESSION_COOKIE in cookie else ""
