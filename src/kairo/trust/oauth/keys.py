"""With which keys does Kairo sign what it says of a resident, and how do they change hands? A file in the data folder, never the database.

A key is published a day before it signs and two days after its successor began to, so that no partner meets a signature of a key it
could not have known. Every worker reads the same file; whoever finds that a change is due makes it, under a lock.
"""

import asyncio
import base64
import fcntl
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from kairo.errors import StartError
from kairo.platform.clock import Clock

ALGORITHM: Final = "RS256"  # the one that every partner knows (OpenID Connect Core 15.1)
SIGNS_FOR = timedelta(days=90)
AHEAD = timedelta(days=1)  # published before it signs; longer than a partner may keep the list (JWKS_SECONDS)
BEHIND = timedelta(days=2)  # published after its successor signs; longer than an id_token holds
_BITS: Final = 3072


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key, and when it was made."""

    made_at: datetime
    key: RSAKey


@dataclass(frozen=True, slots=True)
class Ring:
    """The keys of this installation, the oldest first, and the secret behind the names that partners know residents by."""

    keys: tuple[SigningKey, ...]
    secret: bytes

    def signing(self, now: datetime) -> RSAKey:
        """The key that signs now: the newest one that was published long enough, or the first of all."""
        ready = [one for one in self.keys if one.made_at + AHEAD <= now]
        return (ready or self.keys)[-1 if ready else 0].key

    def public(self) -> dict[str, Any]:
        """The published list (RFC 7517 5)."""
        return {"keys": [_public(one.key) for one in self.keys]}

    def all(self) -> KeySet:
        """Every key by which a signature of ours is known."""
        return KeySet([one.key for one in self.keys])

    def subject(self, client: str, resident: str) -> str:
        """How this client knows this resident (pairwise, Core 8.1): two partners cannot find out that they have the same person."""
        found = hmac.digest(self.secret, f"{client}\0{resident}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(found).rstrip(b"=").decode()

    def sealed(self, text: str) -> str:
        """A short mark that only this installation can put behind a text."""
        return hmac.new(self.secret, f"seal\0{text}".encode(), hashlib.sha256).hexdigest()[:32]


def _public(key: RSAKey) -> dict[str, Any]:
    return {**key.as_dict(private=False), "use": "sig", "alg": ALGORITHM}


class Keys:
    """The ring in a file, `oauth.keys` in the data folder; read anew when it changes."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._read: tuple[tuple[int, int, int], Ring] | None = None

    async def ring(self) -> Ring:
        """The keys as they are now; makes what is due."""
        return await asyncio.to_thread(self._ring)

    def _ring(self) -> Ring:
        now = self._clock()
        found = self._load()
        if found is None or _is_due(found, now):
            found = self._renew(now)
        return found

    def _load(self) -> Ring | None:
        try:
            state = self._path.stat()
        except FileNotFoundError:
            return None
        mark = (state.st_mtime_ns, state.st_size, state.st_ino)
        if self._read is None or self._read[0] != mark:
            self._read = (mark, self._parse(self._path.read_text(encoding="utf-8")))
        return self._read[1]

    def _parse(self, text: str) -> Ring:
        try:
            said = json.loads(text)
            keys = tuple(
                SigningKey(datetime.fromtimestamp(one["made_at"], UTC), RSAKey.import_key(one["key"])) for one in said["keys"]
            )
            ring = Ring(keys, bytes.fromhex(said["secret"]))
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise StartError(
                f"{self._path} holds no keys", mend="Take it from the last backup; without it partners know nobody."
            ) from error
        if not ring.keys or len(ring.secret) < 32:
            raise StartError(
                f"{self._path} holds no keys", mend="Take it from the last backup; without it partners know nobody."
            )
        return ring

    def _renew(self, now: datetime) -> Ring:
        """Makes the next key and drops those whose time is over. The file appears whole or not at all."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(self._path.with_name(f"{self._path.name}.lock"), os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            found = self._load()
            if found is None or _is_due(found, now):
                found = _renewed(found, now)
                self._write(found)
            return found
        finally:
            os.close(lock)

    def _write(self, ring: Ring) -> None:
        said = {
            "secret": ring.secret.hex(),
            "keys": [{"made_at": int(one.made_at.timestamp()), "key": one.key.as_dict(private=True)} for one in ring.keys],
        }
        fresh = self._path.with_name(f".{self._path.name}.{secrets.token_hex(8)}")
        try:
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                json.dump(said, file)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
        finally:
            fresh.unlink(missing_ok=True)


def _is_due(ring: Ring, now: datetime) -> bool:
    """Whether a new key is to be made, or an old one dropped."""
    return ring.keys[-1].made_at + SIGNS_FOR <= now or len(_kept(ring.keys, now)) < len(ring.keys)


def _kept(keys: Sequence[SigningKey], now: datetime) -> tuple[SigningKey, ...]:
    """Without those whose successor has signed for longer than anything of theirs can hold."""
    over = {number for number, after in enumerate(keys[1:]) if after.made_at + AHEAD + BEHIND <= now}
    return tuple(one for number, one in enumerate(keys) if number not in over)


def _renewed(ring: Ring | None, now: datetime) -> Ring:
    made_at = now.replace(microsecond=0)
    if ring is None:
        return Ring((SigningKey(made_at, _new_key()),), secrets.token_bytes(32))
    keys = _kept(ring.keys, now)
    if keys[-1].made_at + SIGNS_FOR <= now:
        keys = (*keys, SigningKey(made_at, _new_key()))
    return Ring(keys, ring.secret)


def _new_key() -> RSAKey:
    return RSAKey.generate_key(_BITS, {"use": "sig", "alg": ALGORITHM}, private=True, auto_kid=True)
