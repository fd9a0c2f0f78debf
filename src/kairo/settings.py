"""The one table of settings: name, environment variable, type, default, meaning. docs/settings.md is generated from it."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from kairo.errors import StartError


def _flag(text: str) -> bool:
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("use true or false")


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.replace(",", " ").split() if word)


def _optional_path(text: str) -> Path | None:
    return Path(text) if text else None


def setting(default: Any, read: Callable[[str], Any], meaning: str) -> Any:
    """A field of `Settings`: its default, how its text is read, and what it means to an operator."""
    return field(default=default, metadata={"read": read, "meaning": meaning})


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one installation. The environment variable of `port` is `KAIRO_PORT`, and so on."""

    host: str = setting("127.0.0.1", str, "Address that the web server listens on.")
    port: int = setting(8080, int, "Port that the web server listens on.")
    data: Path = setting(
        Path(".kairo"), Path, "Data folder: the embedded database, files, keys. Git-ignored inside a checkout."
    )
    database_url: str = setting("", str, "A PostgreSQL server (15 or later) to use instead of the embedded one.")
    postgres_bin: Path | None = setting(
        None, _optional_path, "Folder with PostgreSQL's programs for the embedded server; empty takes those of the wheel."
    )
    tenant: str = setting(
        "352039", str, "Tenant of requests without NGSILD-Tenant: the municipality code (全国地方公共団体コード)."
    )
    open: bool = setting(False, _flag, "Let anyone read and write open and undeclared entities. Loopback only.")
    web_workers: int = setting(1, int, "Number of web worker processes.")
    job_workers: int = setting(1, int, "Number of job worker processes.")
    demo: bool = setting(False, _flag, "Run the labelled synthetic world of sensors and buses.")
    public_url: str = setting(
        "", str, "Address under which people reach this installation, for links; empty means host and port."
    )
    operator: str = setting("山口市", str, "Who runs this installation, as pages name them.")
    phone: str = setting("", str, "Telephone number that every page shows, e.g. of the city hall.")
    phone_label: str = setting("", str, "What stands before the telephone number, e.g. the office's name.")
    trusted_proxies: tuple[str, ...] = setting(
        (), _words, "Addresses of reverse proxies whose Forwarded and X-Forwarded-* headers are believed."
    )
    context_hosts: tuple[str, ...] = setting(
        (), _words, "Hosts from which a JSON-LD @context may be fetched. Empty: nothing is ever fetched."
    )
    max_body_bytes: int = setting(16 * 1024 * 1024, int, "Largest request body in bytes; more answers 413.")
    max_query_length: int = setting(8192, int, "Longest query string in bytes; more answers 414.")
    max_batch: int = setting(5000, int, "Most entities in one batch operation.")
    max_limit: int = setting(1000, int, "Largest page (limit) of a query.")
    pool_size: int = setting(8, int, "Database connections a web worker holds at the most.")
    log_format: str = setting("text", str, "Log lines as `text` or `json`.")
    log_level: str = setting("info", str, "Least level of log lines: debug, info, warning, error.")
    map_tiles: str = setting("", str, "Raster tiles under the map, e.g. GSI's; empty keeps the offline base map.")
    map_tiles_attribution: str = setting("", str, "Attribution shown when map_tiles is set.")


def load_settings(environ: Mapping[str, str] | None = None, **given: Any) -> Settings:
    """Settings from the environment, over which `given` (command-line values that are not None) wins.

    Raises StartError that names the variable and what it should hold.
    """
    environ = os.environ if environ is None else environ
    known = {f"KAIRO_{item.name.upper()}": item for item in fields(Settings)}
    for name in environ:
        if name.startswith("KAIRO_") and not name.startswith("KAIRO_TEST_") and name not in known:
            raise StartError(f"unknown setting {name}", mend="See docs/settings.md for the names, or unset it.")
    values: dict[str, Any] = {}
    for name, item in known.items():
        if name in environ:
            try:
                values[item.name] = item.metadata["read"](environ[name])
            except ValueError as error:
                raise StartError(
                    f"{name}={environ[name]!r} cannot be read: {error}", mend=f"{item.metadata['meaning']}"
                ) from error
    values |= {name: value for name, value in given.items() if value is not None}
    return Settings(**values)
