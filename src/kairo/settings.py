"""The one table of settings: name, environment variable, type, default, meaning. docs/settings.md is generated from it."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kairo.errors import StartError


def _flag(text: str) -> bool:
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("use true or false")


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.replace(",", " ").split() if word)


def _path(text: str) -> Path:
    if not text or "\0" in text:
        raise ValueError("name a folder")
    return Path(text)


def _optional_path(text: str) -> Path | None:
    return _path(text) if text else None


def _between(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.strip().isascii() or not text.strip().isdigit() or not least <= int(text) <= most:
            raise ValueError(f"use a whole number from {least} to {most}")
        return int(text)

    return read


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(f"use {' or '.join(words)}")
        return text.lower()

    return read


def _address(*schemes: str) -> Callable[[str], str]:
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


def _networks(text: str) -> tuple[str, ...]:
    for word in _words(text):
        try:
            ip_network(word, strict=False)
        except ValueError:
            raise ValueError(f"{word} is no IP address or network such as 10.0.0.0/8") from None
    return _words(text)


def _origins(text: str) -> tuple[str, ...]:
    for word in _words(text):
        parts = urlsplit(word)
        if word != "*" and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query):
            raise ValueError(f"{word} is no origin such as https://map.example, and not *")
    return _words(text)


# Limits that may be set for one application or one tenant alone, beside the setting of the same name.
_QUOTA = re.compile(
    r"(?:application:[\w.@-]+\.(?:requests_per_second|max_batch)|tenant:[a-z0-9_]{1,63}\.(?:requests_per_second|max_entities))=[1-9]\d{0,9}"
)


def _quotas(text: str) -> tuple[str, ...]:
    for word in _words(text):
        if not _QUOTA.fullmatch(word):
            raise ValueError(f"{word} is no quota such as application:kiosk.max_batch=100 or tenant:352039.max_entities=10000")
    return _words(text)


SECRET = frozenset({"database_url"})  # settings whose value may hold a password: no message repeats it


def setting(default: Any, read: Callable[[str], Any], meaning: str) -> Any:
    """A field of `Settings`: its default, how its text is read, and what it means to an operator."""
    return field(default=default, metadata={"read": read, "meaning": meaning})


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one installation. The environment variable of `port` is `KAIRO_PORT`, and so on."""

    host: str = setting("127.0.0.1", str, "Address that the web server listens on.")
    port: int = setting(8080, _between(1, 65535), "Port that the web server listens on.")
    data: Path = setting(
        Path(".kairo"), _path, "Data folder: the embedded database, files, keys. Git-ignored inside a checkout."
    )
    database_url: str = setting(
        "", _address("postgresql", "postgres"), "A PostgreSQL server (15 or later) to use instead of the embedded one."
    )
    postgres_bin: Path | None = setting(
        None, _optional_path, "Folder with PostgreSQL's programs for the embedded server; empty takes those of the wheel."
    )
    tenant: str = setting(
        "352039", str, "Tenant of requests without NGSILD-Tenant: the municipality code (全国地方公共団体コード)."
    )
    open: bool = setting(False, _flag, "Let anyone read and write open and undeclared entities. Loopback only.")
    web_workers: int = setting(1, _between(1, 64), "Number of web worker processes.")
    job_workers: int = setting(1, _between(1, 64), "Number of job worker processes.")
    demo: bool = setting(False, _flag, "Run the labelled synthetic world of sensors and buses.")
    public_url: str = setting(
        "",
        _address("http", "https"),
        "Address under which people reach this installation, for links; empty means host and port.",
    )
    operator: str = setting("山口市", str, "Who runs this installation, as pages name them.")
    phone: str = setting("", str, "Telephone number that every page shows, e.g. of the city hall.")
    phone_label: str = setting("", str, "What stands before the telephone number, e.g. the office's name.")
    trusted_proxies: tuple[str, ...] = setting(
        (), _networks, "Addresses or networks of reverse proxies whose X-Forwarded-For, -Proto and -Host are believed."
    )
    context_hosts: tuple[str, ...] = setting(
        (), _words, "Hosts from which a JSON-LD @context may be fetched. Empty: nothing is ever fetched."
    )
    notification_networks: tuple[str, ...] = setting(
        (),
        _networks,
        "Networks, e.g. 10.0.0.0/8, to which notifications may go beside public addresses; 127.0.0.0/8 for this machine.",
    )
    notification_timeout_seconds: int = setting(
        10, _between(1, 60), "Seconds a receiver has to answer a notification, unless its subscription says otherwise."
    )
    notification_attempts: int = setting(
        20,
        _between(1, 1000),
        "Tries, with growing pauses, before a notification becomes a dead letter; 20 take about two hours.",
    )
    notification_places: int = setting(
        2048,
        _between(8, 50_000),
        "Receivers that are notified at the same moment; a part of the places is kept for those that answer.",
    )
    max_waiting_notifications: int = setting(
        10_000, _between(1, 10_000_000), "Notifications that wait for one failing receiver; older ones become dead letters."
    )
    dead_letter_days: int = setting(30, _between(1, 3650), "Days that notifications are kept which were given up.")
    max_subscriptions: int = setting(20_000, _between(1, 10_000_000), "Most subscriptions of one tenant; more answers 429.")
    cors_origins: tuple[str, ...] = setting(
        (), _origins, "Origins (https://map.example) whose pages may call the API from a browser, or *. Empty: none."
    )
    application_requests_per_second: int = setting(
        0, _between(0, 1_000_000), "Requests a second of one application in one tenant; more answers 429. 0: no limit."
    )
    tenant_requests_per_second: int = setting(
        0, _between(0, 1_000_000), "Requests a second of all askers of one tenant together; more answers 429. 0: no limit."
    )
    anonymous_requests_per_second: int = setting(
        0, _between(0, 1_000_000), "Requests a second from one address without credentials; more answers 429. 0: no limit."
    )
    max_entities: int = setting(
        0, _between(0, 1 << 40), "Most entities of one tenant; what would be more answers 429. 0: no limit."
    )
    quotas: tuple[str, ...] = setting(
        (),
        _quotas,
        "Limits of single ones: application:kiosk.requests_per_second=50, application:kiosk.max_batch=100, "
        "tenant:352039.requests_per_second=500, tenant:352039.max_entities=10000.",
    )
    max_body_bytes: int = setting(16 * 1024 * 1024, _between(1024, 1 << 32), "Largest request body in bytes; more answers 413.")
    body_seconds: int = setting(
        60,
        _between(1, 3600),
        "Seconds that a short request body may take to come, and one more for each 16 KiB; what takes longer answers 408.",
    )
    reader_seconds: int = setting(
        120,
        _between(1, 3600),
        "Seconds that a connection may make no progress while an answer goes out; then the answer is given up.",
    )
    max_held_bytes: int = setting(
        256 * 1024 * 1024,
        _between(1 << 20, 1 << 40),
        "Bytes of long answers that wait to be read, in each web worker; a read whose answer would be more answers 503.",
    )
    max_query_length: int = setting(8192, _between(256, 1 << 20), "Longest query string in bytes; more answers 414.")
    max_batch: int = setting(5000, _between(1, 1_000_000), "Most entities in one batch operation.")
    max_attributes: int = setting(
        100_000,
        _between(1000, 100_000_000),
        "Most attribute instances of all entities in one request that writes, attributes of attributes included.",
    )
    max_join_level: int = setting(5, _between(1, 20), "Deepest joinLevel: how many levels of linked entities come along.")
    max_linked: int = setting(
        1000,
        _between(1, 1_000_000),
        "Most linked entities that come along with one answer, or that one change is judged by in a subscription's q; "
        "where there are more, its notification becomes a dead letter that says so.",
    )
    max_contexts: int = setting(10_000, _between(1, 10_000_000), "Most JSON-LD @contexts that clients store here.")
    max_purge: int = setting(
        10_000, _between(1, 10_000_000), "Most entities that one purge deletes or changes; more answers 403."
    )
    max_limit: int = setting(1000, _between(1, 1_000_000), "Largest page (limit) of a query.")
    max_instances: int = setting(
        20_000,
        _between(1, 10_000_000),
        "Most attribute instances (or periods) in one answer about the past, which is cut there (206), or in one request that adds.",
    )
    max_indexes: int = setting(
        50,
        _between(0, 10_000),
        "Most attribute indexes of one tenant; they are made by themselves, for what queries ask often. 0: none.",
    )
    max_index_values: int = setting(
        50,
        _between(1, 10_000),
        "Most values of one attribute of one entity in its index; of an entity with more every query asks. For new indexes.",
    )
    index_least_entities: int = setting(
        5_000, _between(1, 1 << 40), "Entities of a type from which on an attribute of it may get an index."
    )
    index_least_queries: int = setting(
        20, _between(1, 1_000_000), "Slow queries for an attribute, of today and yesterday, from which on it gets an index."
    )
    index_unused_days: int = setting(14, _between(1, 3650), "Days after which an index that helped nobody is dropped.")
    pool_size: int = setting(8, _between(1, 1000), "Database connections a web worker holds at the most.")
    log_format: str = setting("text", _one_of("text", "json"), "Log lines as `text` or `json`.")
    log_level: str = setting(
        "info", _one_of("debug", "info", "warning", "error"), "Least level of log lines: debug, info, warning, error."
    )
    map_tiles: str = setting("", str, "Raster tiles under the map, e.g. GSI's; empty keeps the offline base map.")
    map_tiles_attribution: str = setting("", str, "Attribution shown when map_tiles is set.")


def load_settings(environ: Mapping[str, str] | None = None, **given: Any) -> Settings:
    """Settings from the environment, over which `given` (command-line values that are not None) wins.

    Raises StartError that names the variable or the option and what it should hold.
    """
    environ = os.environ if environ is None else environ
    known = {variable(item.name): item for item in fields(Settings)}
    for name in environ:
        if name.startswith("KAIRO_") and not name.startswith("KAIRO_TEST_") and name not in known:
            near = get_close_matches(name, known, 1)
            mend = f"Did you mean {near[0]}? " if near else ""
            raise StartError(f"unknown setting {name}", mend=f"{mend}See docs/settings.md for the names, or unset it.")
    values: dict[str, Any] = {}
    for name, item in known.items():
        option = f"--{item.name.replace('_', '-')}"
        if given.get(item.name) is not None:
            values[item.name] = _read(item, option, as_text(given[item.name]))
        elif name in environ:
            values[item.name] = _read(item, name, environ[name])
    return Settings(**values)


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"KAIRO_{name.upper()}"


def as_text(value: Any) -> str:
    """A setting's value as its environment variable holds it."""
    return " ".join(value) if isinstance(value, tuple) else "" if value is None else str(value)


def _read(item: Any, name: str, text: str) -> Any:
    try:
        return item.metadata["read"](text)
    except ValueError as error:
        shown = name if item.name in SECRET else f"{name}={text!r}"
        raise StartError(f"{shown} cannot be read: {error}", mend=item.metadata["meaning"]) from error
