"""How does someone get a first passkey, or a new one when theirs is lost? By a one-time link that the counter gives them.

With the link goes everything that opened the account before: a lost telephone opens nothing any more, from the moment the clerk acts.
"""

import secrets
from datetime import timedelta
from typing import Any, Protocol

from kairo.errors import BadRequestData, ResourceNotFound, Unauthenticated
from kairo.platform.clock import Clock
from kairo.platform.db import Unit
from kairo.trust.identity import store as credentials
from kairo.trust.identity.accounts import store as accounts_store
from kairo.trust.identity.accounts.account import Account
from kairo.trust.identity.accounts.rules import may_sign_in
from kairo.trust.identity.digests import digest_of, is_secret
from kairo.trust.identity.sessions import store as sessions
from kairo.trust.identity.signin.passkeys import store as passkeys_store
from kairo.trust.identity.signin.passkeys.service import Answer, Passkeys
from kairo.trust.identity.signin.passwords import store as passwords_store
from kairo.trust.identity.signin.passwords.service import Passwords
from kairo.trust.recording import record

PURPOSE = "identity"
OPENERS = ("session", "enrolment", "device", "link", "token")  # kinds of credentials that open an account, or help to


class Database(Protocol):
    """The part of the database that this needs."""

    def unit(self, tenant: str) -> Any: ...
    def reading(self, tenant: str) -> Any: ...


class Enrolment:
    """The one-time links by which people enrol."""

    def __init__(
        self, database: Database, tenant: str, clock: Clock, lives: timedelta, passkeys: Passkeys, passwords: Passwords
    ) -> None:
        self._database = database
        self._tenant = tenant
        self._clock = clock
        self._passkeys = passkeys
        self._passwords = passwords
        self.lives = lives

    async def issue(self, key: str, *, by: str, reason: str) -> str:
        """The secret of a link, and the end of all that opened the account before. Raises ResourceNotFound for an account that may
        not sign in; BadRequestData without a reason."""
        now, secret, reason = self._clock(), secrets.token_urlsafe(32), " ".join(reason.split())[:200]
        if not reason:
            raise BadRequestData("say why, and what was seen", detail_ja="理由と確認した書類を入力してください。")
        async with self._database.unit(self._tenant) as unit:
            account = (await accounts_store.by_key(unit.connection, self._tenant, [key], now, lock=True)).get(key)
            if account is None or account.kind not in {"resident", "staff"} or not may_sign_in(account.kind, account.status):
                raise ResourceNotFound("there is no such account", detail_ja="該当する方は見つかりません。")
            await close_doors(unit, account)
            await credentials.insert(
                unit.connection, self._tenant, digest_of(secret), "enrolment", account.principal, now, now + self.lives
            )
            await record(unit, now, by=by, purpose=PURPOSE, did="enrolment", what=account.principal, says=(reason,))
        return secret

    async def of(self, secret: str) -> Account:
        """Whose link this is. Raises Unauthenticated for one that was used or is over."""
        now = self._clock()
        if is_secret(secret):
            async with self._database.reading(self._tenant) as connection:
                principal = await credentials.enrolment(connection, self._tenant, digest_of(secret), now) or ""
                key = principal.partition(":")[2]
                account = (await accounts_store.by_key(connection, self._tenant, [key], now)).get(key)
            if account is not None and may_sign_in(account.kind, account.status):
                return account
        raise _used()

    async def by_passkey(self, secret: str, answer: Answer, label: str) -> Account:
        """Keeps the passkey that the link allowed, and uses it up."""
        account = await self.of(secret)
        passkey = await self._passkeys.take_registration(account, answer, label)
        async with self._database.unit(self._tenant) as unit:
            await self._use(unit, secret)
            await self._passkeys.keep(unit, account, passkey, by=account.principal)
        return account

    async def by_password(self, secret: str, password: str, totp_secret: str, code: str) -> tuple[Account, list[str]]:
        """Keeps the password of a member of staff that the link allowed, and uses it up; their recovery codes."""
        account = await self.of(secret)
        if account.kind != "staff":
            raise BadRequestData("residents sign in by passkey", detail_ja="市民の方はパスキーを登録してください。")
        prepared = await self._passwords.prepare(account, password, totp_secret, code)
        async with self._database.unit(self._tenant) as unit:
            await self._use(unit, secret)
            return account, await self._passwords.keep(unit, account, prepared)

    async def _use(self, unit: Unit, secret: str) -> None:
        if not await credentials.use_enrolment(unit.connection, self._tenant, digest_of(secret), self._clock()):
            raise _used()


async def close_doors(unit: Unit, account: Account) -> None:
    """Ends whatever opens an account: sessions, links, known devices, passkeys, password, recovery codes."""
    await sessions.revoke_all(unit.connection, unit.tenant, account.principal, OPENERS)
    await passkeys_store.delete_all(unit.connection, unit.tenant, account.key)
    await passwords_store.delete(unit.connection, unit.tenant, account.key)


def _used() -> Unauthenticated:
    return Unauthenticated(
        "this link has been used or has expired",
        detail_ja="このリンクは使用済みか、期限が切れています。",
        mend="Ask for a new one at the counter.",
        mend_ja="窓口で新しいリンクを受け取ってください。",
    )
