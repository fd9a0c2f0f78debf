"""What is kept of a secret? Its SHA-256: the secrets are 256 random bits, so a plain hash is enough."""

import hashlib
import re

_SECRET = re.compile(r"[A-Za-z0-9_-]{20,128}")  # what token_urlsafe makes: nothing shorter is ever looked up


def is_secret(text: str) -> bool:
    """Whether this may be one of ours at all."""
    return _SECRET.fullmatch(text) is not None


def digest_of(secret: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
