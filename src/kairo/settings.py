"""The one table of settings: name, environment variable, type, default, meaning. docs/settings.md is generated from it."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from kairo import setting_values as reads
from kairo.errors import StartError

SECRET = frozenset({"database_url"})  # settings whose value may hold a password: no message repeats it


def setting(default: Any, read: Callable[[str], Any], meaning: str) -> Any:
    """A field of `Settings`: its default, how its text is read, and what it means to an operator."""
    return field(default=default, metadata={"read": read, "meaning": meaning})


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one installation. The environment variable of `port` is `KAIRO_PORT`, and so on."""

    host: str = setting("127.0.0.1", str, "Address that the web server listens on.")
    port: int = setting(8080, reads.between(1, 65535), "Port that the web server listens on.")
    data: Path = setting(
        Path(".kairo"), reads.path, "Data folder: the embedded database, files, keys. Git-ignored inside a checkout."
    )
    database_url: str = setting(
        "", reads.address("postgresql", "postgres"), "A PostgreSQL server (15 or later) to use instead of the embedded one."
    )
    postgres_bin: Path | None = setting(
        None, reads.optional_path, "Folder with PostgreSQL's programs for the embedded server; empty takes those of the wheel."
    )
    tenant: str = setting(
        "352039", str, "Tenant of requests without NGSILD-Tenant: the municipality code (全国地方公共団体コード)."
    )
    open: bool = setting(False, reads.flag, "Let anyone read and write open and undeclared entities. Loopback only.")
    web_workers: int = setting(1, reads.between(1, 64), "Number of web worker processes.")
    job_workers: int = setting(1, reads.between(1, 64), "Number of job worker processes.")
    demo: bool = setting(False, reads.flag, "Run the labelled synthetic world of sensors and buses.")
    public_url: str = setting(
        "",
        reads.address("http", "https"),
        "Address under which people reach this installation, for links; empty means host and port.",
    )
    session_hours: int = setting(
        12, reads.between(1, 24 * 90), "Hours after which someone who is signed in has to sign in again."
    )
    session_idle_minutes: int = setting(
        60,
        reads.between(5, 60 * 24 * 90),
        "Minutes without a request after which a resident or a member of staff is signed out.",
    )
    enrolment_hours: int = setting(
        24, reads.between(1, 24 * 14), "Hours that a one-time link to register a passkey counts, which the counter gives."
    )
    role_days: int = setting(1100, reads.between(1, 3660), "Most days that a role is given for; then it is given anew.")
    role_confirm_hours: int = setting(
        72, reads.between(1, 24 * 30), "Hours that a second person has to confirm a dangerous role; then it is proposed anew."
    )
    purposes: Path | None = setting(
        None,
        reads.optional_path,
        "A YAML file with purposes (利用目的) for which consent is asked here, beside those of the program.",
    )
    emergency_hours: int = setting(
        72, reads.between(1, 24 * 14), "Most hours that an emergency release lasts; then it is opened anew."
    )
    operator: str = setting("山口市", str, "Who runs this installation, as pages name them.")
    phone: str = setting("", str, "Telephone number that every page shows, e.g. of the city hall.")
    phone_label: str = setting("", str, "What stands before the telephone number, e.g. the office's name.")
    trusted_proxies: tuple[str, ...] = setting(
        (), reads.networks, "Addresses or networks of reverse proxies whose X-Forwarded-For, -Proto and -Host are believed."
    )
    sign_in_providers: Path | None = setting(
        None,
        reads.optional_path,
        "A YAML file with other providers by which people sign in; empty: none. See docs/sign-in-elsewhere.md.",
    )
    context_hosts: tuple[str, ...] = setting(
        (), reads.words, "Hosts from which a JSON-LD @context may be fetched. Empty: nothing is ever fetched."
    )
    notification_networks: tuple[str, ...] = setting(
        (),
        reads.networks,
        "Networks, e.g. 10.0.0.0/8, to which notifications may go beside public addresses; 127.0.0.0/8 for this machine.",
    )
    notification_timeout_seconds: int = setting(
        10, reads.between(1, 60), "Seconds a receiver has to answer a notification, unless its subscription says otherwise."
    )
    notification_attempts: int = setting(
        20,
        reads.between(1, 1000),
        "Tries, with growing pauses, before a notification becomes a dead letter; 20 take about two hours.",
    )
    notification_places: int = setting(
        2048,
        reads.between(8, 50_000),
        "Receivers that are notified at the same moment; a part of the places is kept for those that answer.",
    )
    max_waiting_notifications: int = setting(
        10_000,
        reads.between(1, 10_000_000),
        "Notifications that wait for one failing receiver; older ones become dead letters.",
    )
    dead_letter_days: int = setting(30, reads.between(1, 3650), "Days that notifications are kept which were given up.")
    max_subscriptions: int = setting(
        20_000, reads.between(1, 10_000_000), "Most subscriptions of one tenant; more answers 429."
    )
    cors_origins: tuple[str, ...] = setting(
        (), reads.origins, "Origins (https://map.example) whose pages may call the API from a browser, or *. Empty: none."
    )
    application_requests_per_second: int = setting(
        0, reads.between(0, 1_000_000), "Requests a second of one application in one tenant; more answers 429. 0: no limit."
    )
    tenant_requests_per_second: int = setting(
        0, reads.between(0, 1_000_000), "Requests a second of all askers of one tenant together; more answers 429. 0: no limit."
    )
    anonymous_requests_per_second: int = setting(
        0, reads.between(0, 1_000_000), "Requests a second from one address without credentials; more answers 429. 0: no limit."
    )
    max_entities: int = setting(
        0, reads.between(0, 1 << 40), "Most entities of one tenant; what would be more answers 429. 0: no limit."
    )
    quotas: tuple[str, ...] = setting(
        (),
        reads.quotas,
        "Limits of single ones: application:kiosk.requests_per_second=50, application:kiosk.max_batch=100, "
        "tenant:352039.requests_per_second=500, tenant:352039.max_entities=10000.",
    )
    max_body_bytes: int = setting(
        16 * 1024 * 1024, reads.between(1024, 1 << 32), "Largest request body in bytes; more answers 413."
    )
    body_seconds: int = setting(
        60,
        reads.between(1, 3600),
        "Seconds that a short request body may take to come, and one more for each 16 KiB; what takes longer answers 408.",
    )
    reader_seconds: int = setting(
        120,
        reads.between(1, 3600),
        "Seconds that a connection may make no progress while an answer goes out; then the answer is given up.",
    )
    max_held_bytes: int = setting(
        256 * 1024 * 1024,
        reads.between(1 << 20, 1 << 40),
        "Bytes of long answers that wait to be read, in each web worker; a read whose answer would be more answers 503.",
    )
    max_query_length: int = setting(8192, reads.between(256, 1 << 20), "Longest query string in bytes; more answers 414.")
    max_batch: int = setting(5000, reads.between(1, 1_000_000), "Most entities in one batch operation.")
    max_attributes: int = setting(
        100_000,
        reads.between(1000, 100_000_000),
        "Most attribute instances of all entities in one request that writes, attributes of attributes included.",
    )
    max_join_level: int = setting(5, reads.between(1, 20), "Deepest joinLevel: how many levels of linked entities come along.")
    max_linked: int = setting(
        1000,
        reads.between(1, 1_000_000),
        "Most linked entities that come along with one answer, or that one change is judged by in a subscription's q; "
        "where there are more, its notification becomes a dead letter that says so.",
    )
    max_contexts: int = setting(10_000, reads.between(1, 10_000_000), "Most JSON-LD @contexts that clients store here.")
    max_purge: int = setting(
        10_000, reads.between(1, 10_000_000), "Most entities that one purge deletes or changes; more answers 403."
    )
    max_limit: int = setting(1000, reads.between(1, 1_000_000), "Largest page (limit) of a query.")
    max_instances: int = setting(
        20_000,
        reads.between(1, 10_000_000),
        "Most attribute instances (or periods) in one answer about the past, which is cut there (206), or in one request that adds.",
    )
    max_indexes: int = setting(
        50,
        reads.between(0, 10_000),
        "Most attribute indexes of one tenant; they are made by themselves, for what queries ask often. 0: none.",
    )
    max_index_values: int = setting(
        50,
        reads.between(1, 10_000),
        "Most values of one attribute of one entity in its index; of an entity with more every query asks. For new indexes.",
    )
    index_least_entities: int = setting(
        5_000, reads.between(1, 1 << 40), "Entities of a type from which on an attribute of it may get an index."
    )
    index_least_queries: int = setting(
        20,
        reads.between(1, 1_000_000),
        "Slow queries for an attribute, of today and yesterday, from which on it gets an index.",
    )
    index_unused_days: int = setting(14, reads.between(1, 3650), "Days after which an index that helped nobody is dropped.")
    statistics_k: int = setting(
        10,
        reads.between(3, 1000),
        "Least number of persons that a number of a statistic is about, or who look alike in an extract.",
    )
    statistics_l: int = setting(2, reads.between(1, 100), "Least number of values among persons who look alike in an extract.")
    statistics_max_values: int = setting(100, reads.between(2, 1000), "Most lines that one dimension of a statistic has.")
    statistics_max_groups: int = setting(
        5000,
        reads.between(10, 1_000_000),
        "Most smallest groups of one population that all its statistics together tell apart.",
    )
    statistics_max_persons: int = setting(
        500_000, reads.between(100, 100_000_000), "Most entities that a statistic or an extract is made from."
    )
    privacy_budget: int = setting(
        3000,
        reads.between(0, 1_000_000),
        "Budget of one population a fiscal year for answers with noise, in thousandths of epsilon.",
    )
    pool_size: int = setting(8, reads.between(1, 1000), "Database connections a web worker holds at the most.")
    log_format: str = setting("text", reads.one_of("text", "json"), "Log lines as `text` or `json`.")
    log_level: str = setting(
        "info", reads.one_of("debug", "info", "warning", "error"), "Least level of log lines: debug, info, warning, error."
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
