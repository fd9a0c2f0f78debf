"""How is the text of a setting read? One function a kind of value; each raises ValueError with what to write instead."""

import re
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit


def flag(text: str) -> bool:
    """Reads true or false."""
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("use true or false")


def words(text: str) -> tuple[str, ...]:
    """Reads words, separated by spaces or commas."""
    return tuple(word for word in text.replace(",", " ").split() if word)


def path(text: str) -> Path:
    """Reads the path of a folder."""
    if not text or "\0" in text:
        raise ValueError("name a folder")
    return Path(text)


def optional_path(text: str) -> Path | None:
    """Reads a path, or nothing."""
    return path(text) if text else None


def between(least: int, most: int) -> Callable[[str], int]:
    """Reads a whole number within bounds."""

    def read(text: str) -> int:
        if not text.strip().isascii() or not text.strip().isdigit() or not least <= int(text) <= most:
            raise ValueError(f"use a whole number from {least} to {most}")
        return int(text)

    return read


def one_of(*words: str) -> Callable[[str], str]:
    """Reads one of these words."""

    def read(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(f"use {' or '.join(words)}")
        return text.lower()

    return read


def address(*schemes: str) -> Callable[[str], str]:
    """An address with one of these schemes, or nothing. What it holds is not repeated: it may be a password."""

    def read(text: str) -> str:
        if text and not text.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            raise ValueError(f"use an address that begins with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        try:
            _ = "," in text or urlsplit(text).port  # several database servers, each with its port: asyncpg reads those
        except ValueError:
            raise ValueError("its port is no number, or a bracket is missing") from None
        return text

    return read


def networks(text: str) -> tuple[str, ...]:
    """Reads IP addresses and networks."""
    for word in words(text):
        try:
            ip_network(word, strict=False)
        except ValueError:
            raise ValueError(f"{word} is no IP address or network such as 10.0.0.0/8") from None
    return words(text)


def origins(text: str) -> tuple[str, ...]:
    """Reads origins of web pages, or *."""
    for word in words(text):
        parts = urlsplit(word)
        if word != "*" and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query):
            raise ValueError(f"{word} is no origin such as https://map.example, and not *")
    return words(text)


# Limits that may be set for one application or one tenant alone, beside the setting of the same name.
_QUOTA = re.compile(
    r"(?:application:[\w.@-]+\.(?:requests_per_second|max_batch)|tenant:[a-z0-9_]{1,63}\.(?:requests_per_second|max_entities))=[1-9]\d{0,9}"
)


def quotas(text: str) -> tuple[str, ...]:
    """Reads limits of single applications and tenants."""
    for word in words(text):
        if not _QUOTA.fullmatch(word):
            raise ValueError(f"{word} is no quota such as application:kiosk.max_batch=100 or tenant:352039.max_entities=10000")
    return words(text)
