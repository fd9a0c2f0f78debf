"""With which keys are tree heads signed? Ed25519 keys in the data folder, outside of the database that they speak about.

A key is a file `<when it was made>-<its id>.pem`, read by its owner only; the newest signs. Rotation adds one. Older ones stay, since
they tell whether older heads are genuine: the private part may be replaced by the public one (PEM, too) and kept elsewhere.
"""

import hashlib
import os
import secrets
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from kairo.errors import StartError
from kairo.platform.clock import Clock

FOLDER = "disclosure-keys"
_PUBLIC = b"-----BEGIN PUBLIC KEY-----"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that signs. Its id is the beginning of the SHA-256 of its public part."""

    id: str
    private: Ed25519PrivateKey

    def sign(self, data: bytes) -> bytes:
        """The signature, 64 bytes."""
        return self.private.sign(data)


class Keys:
    """The keys of an installation."""

    def __init__(self, data: Path, clock: Clock) -> None:
        self._folder = data / FOLDER
        self._clock = clock

    def current(self) -> SigningKey:
        """The newest key that can sign; made where there is none. Raises StartError for a file that holds no such key."""
        for path in sorted(self._files(), reverse=True):
            private, public = _read(path)
            if private is not None:
                return SigningKey(_id_of(public), private)
        return self.rotate()

    def rotate(self) -> SigningKey:
        """Makes a new key, which signs from now on."""
        private = Ed25519PrivateKey.generate()
        key = SigningKey(_id_of(private.public_key()), private)
        made = self._clock().astimezone(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        text = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(self._folder / f"{made}-{key.id}.pem", text)
        except OSError as error:
            raise StartError(
                f"no key for the disclosure log can be made in {self._folder}: {error.strerror}",
                mend="Make the data folder writable for Kairo.",
            ) from error
        return key

    def public(self) -> dict[str, Ed25519PublicKey]:
        """All known keys by id, for checking."""
        return {_id_of(key): key for key in (_read(path)[1] for path in self._files())}

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.pem"))


def is_signed(key: Ed25519PublicKey, data: bytes, signature: bytes) -> bool:
    """Whether the key made the signature."""
    try:
        key.verify(signature, data)
    except InvalidSignature:
        return False
    return True


def _id_of(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def _read(path: Path) -> tuple[Ed25519PrivateKey | None, Ed25519PublicKey]:
    text = path.read_bytes()
    try:
        private = None if text.lstrip().startswith(_PUBLIC) else load_pem_private_key(text, password=None)
        public = load_pem_public_key(text) if private is None else private.public_key()
    except ValueError:
        private, public = None, None
    if not isinstance(public, Ed25519PublicKey) or not isinstance(private, Ed25519PrivateKey | None):
        raise StartError(f"{path} holds no Ed25519 key", mend="Put back the file, or remove it; Kairo makes a new key.")
    return private, public


def _write(path: Path, text: bytes) -> None:
    """The file appears whole or not at all, and nobody else ever reads it."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path)
    finally:
        fresh.unlink(missing_ok=True)
