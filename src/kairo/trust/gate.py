"""The gate of this installation: default deny. Open classes for everyone; personal data for the local administrator, and for
others what was granted to them or is about them.

What residents and staff may do follows from their session, their account and their mandates at this moment, so it is asked each
time; what an application may do follows from its name alone and is remembered. An account is known in its own municipality only.

With `--open` (loopback only) anyone also reads and writes open and undeclared entities; personal types stay closed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http.cookies import CookieError, SimpleCookie
from typing import Literal

from kairo.context.gate import DataClass, Scope
from kairo.errors import Unauthenticated
from kairo.trust.identity import ANONYMOUS, Credentials, Principal
from kairo.trust.identity.principals import PERSON, PrincipalKind, person_of
from kairo.trust.identity.sessions.session import Session
from kairo.trust.oauth.rules import Shown, for_purpose, narrowed
from kairo.trust.oauth.tokens import Tokens

SESSION_COOKIE = "kairo_session"
_OPEN = frozenset({DataClass.OPEN})
_OPEN_AND_UNDECLARED = frozenset({DataClass.OPEN, DataClass.UNDECLARED})
_ALL = frozenset(DataClass)
_REMEMBERED_MOST = 1000
_PEOPLE = frozenset({PrincipalKind.RESIDENT, PrincipalKind.STAFF})
FAMILY = "family"  # the purpose of residents: their own data, and what others agreed that they see


@dataclass(frozen=True, slots=True)
class Visit:
    """Who sent a request to a page, and what they may see. `session`: None for who is not signed in, or came by a token."""

    scope: Scope
    session: Session | None = None


class CityGate:
    """Implements `kairo.context.gate.Gate`."""

    def __init__(self, credentials: Credentials, *, open_to_all: bool = False, tokens: Tokens | None = None) -> None:
        self._credentials = credentials
        self._open_to_all = open_to_all
        self._tokens = tokens
        self._scopes: dict[tuple[str, str], Scope] = {}  # by principal and tenant: they follow from these two alone

    async def principal(self, headers: Mapping[str, str], *, cookies: bool = True) -> Principal:
        """Who sent this request. A session cookie counts only where `cookies` says so: never for an API's write, so that a
        page elsewhere cannot make a browser write. Raises Unauthenticated for a token that is not valid."""
        authorization = headers.get("authorization", "")
        if authorization:
            kind, _, secret = authorization.partition(" ")
            is_bearer = kind == "Bearer" or kind.lower() == "bearer"
            found = await self._credentials.who(secret.strip(), "token") if is_bearer else None
            if found is None and (shown := await self._shown(headers)) is not None:
                found = shown.principal
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
        return (await self.visit(headers, tenant, cookies=cookies)).scope

    async def visit(self, headers: Mapping[str, str], tenant: str, *, cookies: bool = True) -> Visit:
        """The scope of this request, and the session that it follows from."""
        secret = session_secret(headers) if cookies and not headers.get("authorization") else ""
        session = await self._credentials.sessions.find(secret) if secret else None
        if session is None:
            shown = await self._shown(headers)
            found = shown.principal if shown else await self.principal(headers, cookies=False)
            scope = for_purpose(self.scope_of(found, tenant), headers.get("kairo-purpose", ""))
            return Visit(narrowed(scope, shown) if shown else scope)
        return Visit(self.scope_in_session(session, tenant), session)

    async def _shown(self, headers: Mapping[str, str]) -> Shown | None:
        """What an application shows by a key or token that it was given; None for whatever else the header holds."""
        kind, _, secret = headers.get("authorization", "").partition(" ")
        return await self._tokens.shown(secret.strip()) if self._tokens is not None and kind.lower() == "bearer" else None

    def scope_in_session(self, session: Session, tenant: str) -> Scope:
        """What someone who is signed in may do in this tenant."""
        if session.principal.kind in _PEOPLE:
            return self._of_people(session.principal, tenant, session.persons, session.purpose)
        return self.scope_of(session.principal, tenant)

    async def standing(self, principal: str, tenant: str, purpose: str = "") -> Scope | None:
        """The scope of a subscriber at this moment (see `kairo.context.gate.Gate`). An application without any valid token has
        none, nor a resident or a member of staff whose account is closed; nobody in particular has one under `--open` only. Staff
        serve no purpose outside of a session, so nothing personal is seen by their standing."""
        try:
            found = Principal.named(principal)
        except ValueError:  # a kind that an older program knew
            return None
        if found.kind in _PEOPLE:
            persons = await self._credentials.sessions.standing(found)
            return None if persons is None else self._of_people(found, tenant, persons, "")
        scope = self.scope_of(found, tenant)
        if found.kind is PrincipalKind.APPLICATION:
            shown = await self._tokens.standing(found.id) if self._tokens is not None else None
            if shown is None and not await self._credentials.has_token(found):
                return None
            scope = narrowed(scope, shown) if shown else scope
        if purpose and found.kind is PrincipalKind.APPLICATION:
            scope = replace(scope, purpose=purpose)
        return scope if scope.subscriptions != "none" else None

    async def may_see_metrics(self, headers: Mapping[str, str], client: str) -> bool:
        """Whether the program's own figures are shown: to this machine and to the administrator."""
        if client in {"127.0.0.1", "::1"} and "x-forwarded-for" not in headers:
            return True
        return (await self.principal(headers)).kind is PrincipalKind.ADMINISTRATOR

    def scope_of(self, principal: Principal, tenant: str) -> Scope:
        """What this principal may do in this tenant: of the administrator, an application or nobody in particular."""
        known = self._scopes.get((principal.id, tenant))
        if known is None:
            if len(self._scopes) >= _REMEMBERED_MOST:
                self._scopes.clear()
            known = self._scopes[principal.id, tenant] = self._scope_of(principal, tenant)
        return known

    def _of_people(self, principal: Principal, tenant: str, persons: tuple[str, ...], purpose: str) -> Scope:
        public = self.public(tenant)
        if tenant != self._credentials.tenant:
            return replace(public, principal=principal.id)
        own = person_of(principal.id)
        if own is None:
            return replace(public, principal=principal.id, purpose=purpose, by_grants=True)
        everyone = (own, *(f"{PERSON}{key}" for key in persons))
        return replace(public, principal=principal.id, purpose=FAMILY, by_grants=True, persons=everyone)

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
