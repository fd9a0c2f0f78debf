"""How is a passkey made, and how does one sign in by it? WebAuthn ceremonies; the library webauthn checks the signatures.

A challenge is kept here, for five minutes, and taken once, before anything else of an answer is looked at. The authenticator must have
checked its holder (user verification): so a passkey is worth AAL 2.
"""

import base64
import binascii
import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url, options_to_json_dict
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from kairo.errors import BadRequestData, ResourceNotFound, TooManyRequests, Unauthenticated
from kairo.platform.clock import Clock
from kairo.platform.db import Unit
from kairo.platform.observability.logs import logger
from kairo.trust.identity.accounts.account import Account
from kairo.trust.identity.digests import digest_of
from kairo.trust.identity.signin.passkeys import store
from kairo.trust.identity.signin.passkeys.store import Passkey
from kairo.trust.identity.signin.relying_party import RelyingParty
from kairo.trust.recording import record

CHALLENGE_LIVES = timedelta(minutes=5)
MOST_CHALLENGES = 200  # of one source, at one time
MOST_PASSKEYS = 10  # of one account
PURPOSE = "identity"
Answer = Mapping[str, Any]  # what a browser sends of a credential, as JSON


class Database(Protocol):
    """The part of the database that this needs."""

    def unit(self, tenant: str) -> Any: ...
    def reading(self, tenant: str) -> Any: ...


class Passkeys:
    """The passkeys of one installation."""

    def __init__(self, database: Database, tenant: str, clock: Clock, party: RelyingParty) -> None:
        self._database = database
        self._tenant = tenant
        self._clock = clock
        self.party = party
        self._log = logger("sign-in")

    # Making one

    async def begin_registration(self, account: Account, source: str) -> dict[str, Any]:
        """What navigator.credentials.create() is asked. The authenticator shows the name of the account."""
        async with self._database.reading(self._tenant) as connection:
            known = await store.of(connection, self._tenant, account.key)
        options = generate_registration_options(
            rp_id=self.party.id,
            rp_name=self.party.name,
            user_id=account.key.encode(),
            user_name=account.login or account.name,
            user_display_name=account.name,
            challenge=await self._challenge(account.key, source),
            timeout=int(CHALLENGE_LIVES.total_seconds() * 1000),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=_bytes(one.id)) for one in known],
        )
        return options_to_json_dict(options)

    async def take_registration(self, account: Account, answer: Answer, label: str) -> Passkey:
        """The passkey of an answer to `begin_registration`, which is used up by this. Raises Unauthenticated."""
        expected = await self._taken(answer, account.key)
        try:
            made = verify_registration_response(
                credential=dict(answer), expected_challenge=expected, expected_rp_id=self.party.id,
                expected_origin=self.party.origin, require_user_verification=True,
            )  # fmt: skip
        except Exception as error:
            raise self._refused("registration", error) from error
        label = " ".join(label.split())[:80]
        id = bytes_to_base64url(made.credential_id)
        return Passkey(
            id, account.key, made.credential_public_key, made.sign_count, label, made.credential_backed_up, self._clock()
        )

    async def keep(self, unit: Unit, account: Account, passkey: Passkey, *, by: str) -> None:
        """Keeps a new passkey, in the unit of whatever allowed it. Raises BadRequestData where there are too many."""
        if not await store.insert(unit.connection, self._tenant, passkey, MOST_PASSKEYS):
            raise BadRequestData(
                f"this passkey is known already, or the account has {MOST_PASSKEYS}",
                detail_ja=f"登録済みのパスキーか、上限（{MOST_PASSKEYS}個）に達しています。",
                mend="Remove one that is not used any more.",
                mend_ja="使っていないパスキーを削除してください。",
            )
        await record(
            unit, passkey.created_at, by=by, purpose=PURPOSE, did="passkey", what=account.principal, says=(passkey.label,)
        )

    async def add(self, account: Account, answer: Answer, label: str) -> None:
        """Adds a passkey to the account of someone who is signed in."""
        passkey = await self.take_registration(account, answer, label)
        async with self._database.unit(self._tenant) as unit:
            await self.keep(unit, account, passkey, by=account.principal)

    # Signing in

    async def begin(self, source: str) -> dict[str, Any]:
        """What navigator.credentials.get() is asked: any passkey of this installation. Nobody has said who they are yet."""
        options = generate_authentication_options(
            rp_id=self.party.id,
            challenge=await self._challenge(None, source),
            timeout=int(CHALLENGE_LIVES.total_seconds() * 1000),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return options_to_json_dict(options)

    async def finish(self, answer: Answer) -> str:
        """The key of the account whose passkey answered. Raises Unauthenticated, in the same words whatever was wrong."""
        expected = await self._taken(answer, None)
        async with self._database.unit(self._tenant) as unit:
            known = await store.locked(unit.connection, self._tenant, str(answer.get("id", ""))[:2000])
            try:
                if known is None:
                    raise LookupError("an unknown passkey")
                proven = verify_authentication_response(
                    credential=dict(answer), expected_challenge=expected, expected_rp_id=self.party.id,
                    expected_origin=self.party.origin, credential_public_key=known.public_key,
                    credential_current_sign_count=known.sign_count, require_user_verification=True,
                )  # fmt: skip
                _check_owner(answer, known)
            except Exception as error:
                raise self._refused("sign-in", error) from error
            await store.used(
                unit.connection, self._tenant, known.id, proven.new_sign_count, self._clock(),
                is_backed_up=proven.credential_backed_up,
            )  # fmt: skip
        return known.account

    # Looking after them

    async def of(self, account: Account) -> list[Passkey]:
        """All passkeys of an account."""
        async with self._database.reading(self._tenant) as connection:
            return await store.of(connection, self._tenant, account.key)

    async def remove(self, account: Account, id: str) -> None:
        """Forgets one of someone's passkeys. The last one stays where there is no other way in: raises BadRequestData."""
        async with self._database.unit(self._tenant) as unit:
            left = [one for one in await store.of(unit.connection, self._tenant, account.key) if one.id != id]
            if not left and account.kind == "resident":
                raise BadRequestData(
                    "this is the only passkey, so nobody could sign in without it",
                    detail_ja="最後のパスキーは削除できません。",
                    mend="Add another one first.",
                    mend_ja="先に別のパスキーを登録してください。",
                )
            if not await store.delete(unit.connection, self._tenant, account.key, id):
                raise ResourceNotFound("there is no such passkey", detail_ja="このパスキーはありません。")
            await record(
                unit, self._clock(), by=account.principal, purpose=PURPOSE, did="remove-passkey", what=account.principal
            )

    async def _challenge(self, account: str | None, source: str) -> bytes:
        challenge, now = secrets.token_bytes(32), self._clock()
        async with self._database.unit(self._tenant) as unit:
            await store.forget_challenges(unit.connection, self._tenant, now)
            given = (digest_of(bytes_to_base64url(challenge)), account, source, now + CHALLENGE_LIVES, now, MOST_CHALLENGES)
            if not await store.open_challenge(unit.connection, self._tenant, *given):
                seconds = str(int(CHALLENGE_LIVES.total_seconds()))
                raise TooManyRequests(
                    "too many sign-ins have begun at this address and did not end",
                    detail_ja="この接続元からのログインが多すぎます。",
                    headers={"Retry-After": seconds},
                )
        return challenge

    async def _taken(self, answer: Answer, account: str | None) -> bytes:
        """The challenge that is answered. Gone from now on, whether the answer is right or not."""
        try:
            said = str(json.loads(_bytes(answer["response"]["clientDataJSON"]))["challenge"])
            challenge = _bytes(said)
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise self._refused("ceremony", error) from error
        async with self._database.unit(self._tenant) as unit:
            kept = await store.take_challenge(unit.connection, self._tenant, digest_of(bytes_to_base64url(challenge)))
        if kept is None or kept[0] != account or not self._in_time(kept[1]):
            raise self._refused("ceremony", LookupError("no such challenge, or it was answered before"))
        return challenge

    def _in_time(self, expires_at: datetime) -> bool:
        return self._clock() < expires_at

    def _refused(self, what: str, error: BaseException) -> Unauthenticated:
        """One answer for everything that a stranger may have sent; why stands in the log."""
        self._log.warning("a passkey was refused", ceremony=what, reason=f"{type(error).__name__}: {error}"[:300])
        return Unauthenticated(
            "this passkey was not accepted",
            detail_ja="パスキーを確認できませんでした。",
            mend="Try again. If you have lost it, ask for a new one at the counter.",
            mend_ja="もう一度お試しください。パスキーをなくしたときは、窓口で再登録できます。",
        )


def _check_owner(answer: Answer, passkey: Passkey) -> None:
    """An authenticator that names its holder names the one to whom the passkey belongs here."""
    said = answer["response"].get("userHandle")
    if said and _bytes(said) != passkey.account.encode():
        raise LookupError("the passkey names another holder")


def _bytes(text: str) -> bytes:
    """Base64url without padding."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError("no base64url") from error
