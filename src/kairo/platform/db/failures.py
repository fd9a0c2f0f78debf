"""What does an error of PostgreSQL mean to the person who asked? SQLSTATEs and broken connections become KairoErrors here.

Constraint names are not looked at: behind a Citus coordinator they are missing (reference/scale-out.md, 9).
"""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from kairo.errors import AlreadyExists, BadRequestData, KairoError, StorageFull, TooComplexQuery, Unavailable

CONNECTION_ERRORS = (
    ConnectionError,  # not every OSError: a body may well fail at a file of its own
    asyncpg.InterfaceError,  # "connection is closed", "connection was closed in the middle of operation"
    asyncpg.PostgresConnectionError,
    asyncpg.InternalClientError,
)

# By SQLSTATE: first the exact code, then its class (two characters).
_MEANING: dict[str, tuple[type[KairoError], str]] = {
    "08": (Unavailable, "the connection to the database was lost"),
    "21000": (BadRequestData, "the same thing is given twice in one batch"),
    "22": (BadRequestData, "a value cannot be stored: out of range, or a character such as U+0000"),
    "23505": (AlreadyExists, "there is one with the same key already"),
    "23P01": (AlreadyExists, "it overlaps with one that is there already"),
    "25006": (Unavailable, "the database does not take changes here: a standby, or a write outside of a unit"),
    "25P03": (Unavailable, "the transaction stood idle for too long and was rolled back"),
    "40": (Unavailable, "others changed the same rows at the same moment"),
    "53": (Unavailable, "the database has no free connections or memory"),
    "53100": (StorageFull, "the disk of the database is full"),
    "53400": (StorageFull, "a storage limit of the database is reached"),
    "54": (TooComplexQuery, "the statement exceeds a limit of the database"),
    "55P03": (Unavailable, "others hold the same rows for too long"),
    "57": (Unavailable, "the database is starting, stopping or was restarted"),
    "57014": (TooComplexQuery, "the query took longer than is allowed"),
    "58": (Unavailable, "the database cannot read or write its files"),
}


def as_kairo_error(error: BaseException) -> KairoError:
    """The KairoError that says what `error` means; a KairoError stays as it is."""
    if isinstance(error, KairoError):
        return error
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str) and not _is_disk_full(error):
        kind, detail = _MEANING.get(state) or _MEANING.get(state[:2]) or (KairoError, f"unexpected database error {state}")
        return kind(detail)
    if _is_disk_full(error):
        return StorageFull(_MEANING["53100"][1])
    if is_connection_error(error):
        return Unavailable(_MEANING["08"][1])
    return KairoError(f"unexpected error in the database layer: {type(error).__name__}")


def _is_disk_full(error: BaseException) -> bool:
    """A full disk is 53100 mostly, but 58030 or XX000 where PostgreSQL could not extend its own bookkeeping files."""
    return getattr(error, "sqlstate", None) in {"53100", "58030", "XX000"} and "No space left on device" in str(error)


def is_connection_error(error: BaseException) -> bool:
    """Was the connection lost or never made, so that a statement whose COMMIT was not sent has certainly no effect?"""
    if isinstance(error, asyncpg.InterfaceError):  # also the error of a call with wrong arguments, which no retry mends
        return "closed" in str(error) or "released" in str(error)
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        return state.startswith("08") or state in {"57P01", "57P02", "57P03", "57P05", "25P03"}
    return isinstance(error, CONNECTION_ERRORS)


def is_conflict(error: BaseException) -> bool:
    """Does the same transaction, run again, have a fair chance (serialization failure, deadlock)?"""
    return getattr(error, "sqlstate", None) in {"40001", "40P01"}


def outcome_unknown() -> Unavailable:
    """The connection broke while COMMIT was on its way: perhaps stored, perhaps not; never acknowledged, never repeated."""
    return Unavailable(
        "the connection was lost during the commit; whether the change is stored is unknown",
        detail_ja="保存の途中で接続が切れたため、変更が保存されたかどうか確認できません",
        mend="Read the current state first; send the change again only if it is not there.",
        mend_ja="現在の状態を確認し、反映されていない場合だけ、もう一度送ってください。",
        outcome="unknown",
    )


def outcome_is_unknown(error: BaseException) -> bool:
    """Is this the error of a commit of which nobody knows whether it happened?"""
    return isinstance(error, Unavailable) and error.members.get("outcome") == "unknown"


@contextmanager
def mapped() -> Iterator[None]:
    """Errors of the database or the network inside become KairoErrors; the original stays attached as the cause."""
    try:
        yield
    except KairoError:
        raise
    except (asyncpg.PostgresError, *CONNECTION_ERRORS) as error:
        raise as_kairo_error(error) from error
