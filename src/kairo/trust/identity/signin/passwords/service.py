"""How does staff sign in by password and one-time code? What is wrong is not told, nor whether there is such a name.

Each try is counted before it is looked at, in PostgreSQL, so that any number of them at one time in any number of workers are counted.
"""

import asyncio
import math
import secrets
from datetime import timedelta
from typing import Any, Protocol

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from kairo.errors import BadRequestData, TooManyRequests, Unauthenticated
from kairo.platform.clock import Clock
from kairo.platform.db import Unit
from kairo.platform.observability.logs import logger
from kairo.trust.identity.accounts import store as accounts_store
from kairo.trust.identity.accounts.account import Account
from kairo.trust.identity.accounts.rules import may_sign_in
from kairo.trust.identity.digests import digest_of, is_secret
from kairo.trust.identity.signin import waits
from kairo.trust.identity.signin.passwords import rules, store
from kairo.trust.identity.signin.passwords.store import Password
from kairo.trust.recording import record

DEVICE_KNOWN = timedelta(days=365)
PURPOSE = "identity"
_AT_ONCE = 2  # hashes that one worker works on: each takes 64 MiB


class Database(Protocol):
    """The part of the database that this needs."""

    def unit(self, tenant: str) -> Any: ...
    def reading(self, tenant: str) -> Any: ...


class Passwords:
    """The passwords of one installation's staff."""

    def __init__(
        self, database: Database, tenant: str, clock: Clock, issuer: str, hasher: PasswordHasher | None = None
    ) -> None:
        self._database = database
        self._tenant = tenant
        self._clock = clock
        self._issuer = issuer
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash(secrets.token_urlsafe())
        self._working = asyncio.Semaphore(_AT_ONCE)
        self._log = logger("sign-in")

    # Setting one

    def new_secret(self, account: Account) -> tuple[str, str]:
        """A fresh secret for one-time codes, and the address (otpauth:) that an app reads from a picture."""
        secret = pyotp.random_base32()
        return secret, pyotp.TOTP(secret).provisioning_uri(name=account.login or account.name, issuer_name=self._issuer)

    async def prepare(self, account: Account, password: str, secret: str, code: str) -> Password:
        """What is to be kept of a new password, once its first one-time code is right. Raises BadRequestData."""
        checked = rules.check_password(password, account.login or "", account.name)
        now = self._clock()
        if len(secret) != len(pyotp.random_base32()) or not secret.isalnum() or not secret.isascii():
            raise BadRequestData("begin anew with the link", detail_ja="リンクからやり直してください。")
        step = rules.matching_step(secret, code, now, -1)
        if step is None:
            raise BadRequestData(
                "the one-time code is not right",
                detail_ja="確認コードが違います。",
                mend="Look at the clock of your device, and type the code that it shows now.",
                mend_ja="端末の時刻を合わせて、今表示されているコードを入力してください。",
            )
        async with self._working:
            hashed = await asyncio.to_thread(self._hasher.hash, checked)
        return Password(hashed, secret, step)

    async def keep(self, unit: Unit, account: Account, password: Password) -> list[str]:
        """Keeps a new password, in the unit of whatever allowed it; the new recovery codes, which are shown this once."""
        now, codes = self._clock(), rules.new_recovery_codes()
        digests = [digest_of(rules.recovery_code(code)) for code in codes]
        await store.keep(unit.connection, self._tenant, account.key, password, digests, now)
        await record(unit, now, by=account.principal, purpose=PURPOSE, did="password", what=account.principal)
        return codes

    # Signing in

    async def sign_in(self, login: str, password: str, code: str, *, source: str, device: str) -> tuple[Account, str]:
        """The member of staff, and the secret by which this device is known from now on. `code`: a one-time or a recovery code;
        `device`: the secret that it has. Raises Unauthenticated, or TooManyRequests where one has to wait."""
        login, now = " ".join(login.split()).casefold()[:200], self._clock()
        async with self._database.reading(self._tenant) as connection:
            account = (await accounts_store.by_logins(connection, self._tenant, [login], now)).get(login)
            kept = await store.get(connection, self._tenant, account.key) if account else None
            known = None
            if account and is_secret(device):
                digest = digest_of(device)
                is_known = await store.is_known_device(connection, self._tenant, digest, account.principal, now)
                known = digest if is_known else None
        names = waits.names_of(login, source, known)
        await self._count(names)
        matches = await self._matches(kept, password)
        if account is None or kept is None or not matches or not may_sign_in(account.kind, account.status):
            raise self._refused(source, "name or password")
        async with self._database.unit(self._tenant) as unit:
            if not await self._use_code(unit, account, kept, code):
                raise self._refused(source, "code")
            counts = await store.counts(unit.connection, self._tenant, names, now)
            await store.count(unit.connection, self._tenant, [waits.was_right(one, now) for one in counts])
            fresh = device if known else secrets.token_urlsafe(32)
            await store.know_device(unit.connection, self._tenant, digest_of(fresh), account.principal, now, now + DEVICE_KNOWN)
        if self._hasher.check_needs_rehash(kept.hash):
            await self._rehash(account, kept, password)
        return account, fresh

    async def forget_waits(self) -> None:
        """Forgets counts that are over."""
        async with self._database.unit(self._tenant) as unit:
            await store.forget(unit.connection, self._tenant, self._clock() - waits.FORGOTTEN_AFTER)

    async def _count(self, names: list[str]) -> None:
        """Counts a try. Raises TooManyRequests, and counts nothing, where one has to wait."""
        now = self._clock()
        async with self._database.unit(self._tenant) as unit:
            counts = await store.counts(unit.connection, self._tenant, names, now)
            left = waits.wait_for(counts, now)
            if not left:
                await store.count(unit.connection, self._tenant, [waits.tried(one, now) for one in counts])
        if left:
            seconds = max(1, math.ceil(left.total_seconds()))
            raise TooManyRequests(
                f"too many tries went wrong; wait {seconds} seconds",
                detail_ja=f"失敗が続いたため、あと{seconds}秒お待ちください。",
                mend="Wait, or sign in by a passkey: it is never held up.",
                mend_ja="お待ちいただくか、パスキーでログインしてください。パスキーはいつでも使えます。",
                headers={"Retry-After": str(seconds)},
            )

    async def _matches(self, kept: Password | None, password: str) -> bool:
        """Whether the password is right. Takes as long where there is no such name."""
        said = rules.prepared(password[: rules.LONGEST * 4])
        async with self._working:
            try:
                await asyncio.to_thread(self._hasher.verify, kept.hash if kept else self._nobody, said)
            except (Argon2Error, InvalidHashError):
                return False
        return kept is not None

    async def _rehash(self, account: Account, kept: Password, password: str) -> None:
        async with self._working:
            hashed = await asyncio.to_thread(self._hasher.hash, rules.prepared(password))
        async with self._database.unit(self._tenant) as unit:
            await store.rehash(unit.connection, self._tenant, account.key, kept.hash, hashed)

    async def _use_code(self, unit: Unit, account: Account, kept: Password, code: str) -> bool:
        step = rules.matching_step(kept.totp_secret, code, self._clock(), kept.totp_step)
        if step is not None:
            return await store.use_step(unit.connection, self._tenant, account.key, step)
        recovery = rules.recovery_code(code)
        if not recovery:
            return False
        used = await store.use_code(unit.connection, self._tenant, account.key, digest_of(recovery))
        if used:
            did = {"purpose": PURPOSE, "did": "recovery-code", "what": account.principal}
            await record(unit, self._clock(), by=account.principal, **did)
        return used

    def _refused(self, source: str, why: str) -> Unauthenticated:
        self._log.warning("a sign-in by password was refused", source=waits.network(source), wrong=why)
        return Unauthenticated(
            "the name, the password or the code is wrong",
            detail_ja="ログイン名・パスワード・確認コードのいずれかが違います。",
            mend="Try again. If you have lost one of them, ask the administrator for a new link.",
            mend_ja="もう一度お試しください。分からなくなったときは、管理者に再登録を依頼してください。",
        )
