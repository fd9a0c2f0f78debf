"""What can be done with applications and their keys? Register, approve, stop; keys made and ended; a resident disconnects. Each one unit."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from kairo.context.gate import Scope
from kairo.errors import AlreadyExists, BadRequestData, ResourceNotFound
from kairo.platform.clock import Clock
from kairo.platform.db import Unit
from kairo.trust.identity.accounts.account import Account
from kairo.trust.identity.accounts.rules import may_sign_in
from kairo.trust.identity.digests import digest_of
from kairo.trust.identity.permissions import Held, Powers
from kairo.trust.oauth import store
from kairo.trust.oauth.asking import ConsentAsker
from kairo.trust.oauth.issuing import Database
from kairo.trust.oauth.permissions import check_decide, check_register, check_resident, may_decide
from kairo.trust.oauth.records import PRINCIPAL, Application, Authentication, Connection, Key, State, new_secret
from kairo.trust.oauth.rules import Allowance, checked_name, checked_uris, checked_words
from kairo.trust.recording import record

MOST_KEYS: Final = 10  # of one application at the same time
KEY_LIVES: Final = timedelta(days=730)  # the longest
_LONGEST: Final = {"title": 100, "organisation": 100, "description": 500, "purpose": 100, "label": 100}


@dataclass(frozen=True, slots=True)
class Wish:
    """An application as it is entered: texts of a form. `uris`, `logout_uris`, `words`: several in one text, apart by blanks."""

    name: str
    title: str
    organisation: str
    description: str
    words: str
    purpose: str = "application"
    authentication: str = Authentication.SECRET
    redirect_uris: str = ""
    logout_uris: str = ""
    jwks: str = ""


class Applications:
    """The applications of one installation (they live under its home tenant)."""

    def __init__(self, database: Database, tenant: str, clock: Clock, asker: ConsentAsker, powers: Powers) -> None:
        self._database = database
        self._tenant = tenant
        self._clock = clock
        self._asker = asker
        self._powers = powers

    async def check(self, access: Scope) -> Held:
        """What the asker's duty allows. Raises SignInNeeded and ResourceNotFound for who does not look after applications."""
        held = await self._powers.standing(access)
        check_register(access, held)
        return held

    async def may_approve(self, access: Scope, found: Application) -> bool:
        """Whether the asker may let this application in."""
        return may_decide(access, await self._powers.standing(access), found.registered_by)

    async def register(self, access: Scope, wish: Wish) -> Application:
        """Registers it. It waits for somebody else's approval, unless the administrator registers it."""
        held = await self.check(access)
        now = self._clock()
        at_once = may_decide(access, held, access.principal)
        one = Application(
            name=checked_name(wish.name),
            title=_text("title", wish.title),
            organisation=_text("organisation", wish.organisation),
            description=_text("description", wish.description),
            purpose=_text("purpose", wish.purpose),
            state=State.APPROVED if at_once else State.REQUESTED,
            authentication=_authentication(wish.authentication),
            words=checked_words(wish.words),
            registered_by=access.principal,
            registered_at=now,
            redirect_uris=checked_uris(wish.redirect_uris),
            logout_uris=checked_uris(wish.logout_uris),
            jwks=_public_keys(wish.jwks) if wish.authentication == Authentication.PRIVATE_KEY_JWT else "",
            decided_by=access.principal if at_once else None,
            decided_at=now if at_once else None,
        )
        async with self._database.unit(self._tenant) as unit:
            await self._record(unit, now, access, "register application", one.name)
            if not await store.register(unit.connection, self._tenant, one):
                raise AlreadyExists(
                    f"there is an application {one.name!r} already",
                    detail_ja="その名前のアプリケーションはすでにあります。",
                    mend="Choose another name.",
                    mend_ja="別の名前を選んでください。",
                )
        return one

    async def decide(self, access: Scope, name: str, state: State) -> None:
        """Approves it, or stops it: all that it was given ends at once."""
        held = await self.check(access)
        now = self._clock()
        async with self._database.unit(self._tenant) as unit:
            await self._record(unit, now, access, f"{state.value} application", name)
            found = await self._found(unit, name)
            if state is State.APPROVED:
                check_decide(access, held, found.registered_by)
            else:
                await store.end_tokens(unit.connection, self._tenant, name)
            await store.decide(unit.connection, self._tenant, name, state, access.principal, now)

    async def new_key(self, access: Scope, name: str, *, label: str, words: str = "", days: int = 365) -> str:
        """Makes a key and returns its secret, which is never shown again. `words` narrow what it allows; none: all that the
        application may."""
        await self.check(access)
        now = self._clock()
        if not 1 <= days <= KEY_LIVES.days:
            raise BadRequestData(
                f"a key holds for 1 to {KEY_LIVES.days} days", detail_ja=f"キーの有効期間は1〜{KEY_LIVES.days}日です。"
            )
        secret = new_secret()
        async with self._database.unit(self._tenant) as unit:
            found = await self._found(unit, name)
            if found.authentication is not Authentication.SECRET:
                raise BadRequestData(
                    "this application shows itself in another way than by keys",
                    detail_ja="このアプリケーションはキーを使いません。",
                )
            kept = await store.keys(unit.connection, self._tenant, name)
            if len(kept) >= MOST_KEYS:
                raise BadRequestData(
                    f"an application has {MOST_KEYS} keys at the most; end one first",
                    detail_ja=f"キーは{MOST_KEYS}個までです。",
                )
            given = checked_words(words) if words.strip() else found.words
            allowed = Allowance.of(given).within(found.allowance).words()
            key = Key(
                digest_of(secret),
                secrets.token_hex(4),
                name,
                _text("label", label),
                allowed,
                access.principal,
                now,
                now + timedelta(days=days),
            )
            await self._record(unit, now, access, "make key", f"{name}/{key.id}")
            await store.add_key(unit.connection, self._tenant, key)
        return secret

    async def end_key(self, access: Scope, name: str, id: str) -> None:
        """Ends a key at once, and every token that was got by it."""
        await self.check(access)
        now = self._clock()
        async with self._database.unit(self._tenant) as unit:
            await self._record(unit, now, access, "end key", f"{name}/{id}"[:200])
            if not await store.end_key(unit.connection, self._tenant, name, id):
                raise ResourceNotFound("there is no such key", detail_ja="そのキーはありません。")

    async def all(self, access: Scope, *, limit: int = 100, offset: int = 0) -> list[Application]:
        """The applications, those that wait first."""
        await self.check(access)
        async with self._database.reading(self._tenant) as connection:
            return await store.applications(connection, self._tenant, limit=limit, offset=offset)

    async def one(self, access: Scope, name: str) -> tuple[Application, list[Key]]:
        """An application with its keys. Raises ResourceNotFound."""
        await self.check(access)
        async with self._database.reading(self._tenant) as connection:
            found = await store.application(connection, self._tenant, checked_name(name))
            if found is None:
                raise ResourceNotFound("there is no such application", detail_ja="そのアプリケーションはありません。")
            return found, await store.keys(connection, self._tenant, name)

    async def connections(self, access: Scope) -> Sequence[Connection]:
        """The applications that the asker, a resident, signed in to."""
        check_resident(access)
        async with self._database.reading(self._tenant) as connection:
            return await store.connections(connection, self._tenant, access.principal)

    async def disconnect(self, access: Scope, name: str) -> None:
        """The asker ends what an application may do for them: its tokens at once, then what they had agreed to."""
        check_resident(access)
        now = self._clock()
        async with self._database.unit(self._tenant) as unit:
            await self._record(unit, now, access, "disconnect application", name[:100])
            if not await store.disconnect(unit.connection, self._tenant, access.principal, name):
                raise ResourceNotFound(
                    "you did not sign in to such an application", detail_ja="そのアプリとの連携はありません。"
                )
            await store.end_tokens(unit.connection, self._tenant, name, access.principal)
        await self._asker.withdraw(access, f"{PRINCIPAL}{name}")

    async def follow(self, unit: Unit, before: Account, account: Account, now: datetime, by: str) -> None:
        """What follows from a change of an account: who may not sign in any more is signed in nowhere."""
        if not may_sign_in(account.kind, account.status):
            await store.end_tokens_of(unit.connection, unit.tenant, account.principal)

    async def _found(self, unit: Unit, name: str) -> Application:
        found = await store.application(unit.connection, self._tenant, name, lock=True)
        if found is None:
            raise ResourceNotFound("there is no such application", detail_ja="そのアプリケーションはありません。")
        return found

    async def _record(self, unit: Unit, now: datetime, access: Scope, did: str, what: str) -> None:
        named = f"{PRINCIPAL}{what}"
        await record(unit, now, by=access.principal, purpose=access.purpose, did=did, what=named)


def _text(what: str, text: str) -> str:
    found = text.strip()
    if not found or len(found) > _LONGEST[what] or not found.isprintable():
        raise BadRequestData(
            f"{what} has 1 to {_LONGEST[what]} characters, in one line",
            detail_ja=f"{what} は1〜{_LONGEST[what]}文字（1行）で入力してください。",
        )
    return found


def _authentication(text: str) -> Authentication:
    try:
        return Authentication(text)
    except ValueError:
        raise BadRequestData(f"{text[:80]!r} is no way to show oneself", detail_ja="認証方法が正しくありません。") from None


def _public_keys(text: str) -> str:
    """The keys as JSON. Raises BadRequestData for what is none, or holds a private key."""
    try:
        if len(text) > 20_000:
            raise ValueError
        found = KeySet.import_key_set(orjson.loads(text))
        if any(key.is_private or key.key_type not in {"RSA", "EC"} for key in found.keys) or not 1 <= len(found.keys) <= 10:
            raise ValueError
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadRequestData(
            "give 1 to 10 public keys, RSA or EC, as a JSON Web Key Set; never a private one",
            detail_ja="公開鍵（RSA か EC）1〜10個を JSON Web Key Set で指定してください。秘密鍵は入れないでください。",
        ) from error
    return orjson.dumps(found.as_dict(private=False)).decode()
