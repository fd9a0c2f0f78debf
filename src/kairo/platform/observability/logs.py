"""How does a log line look? One event a line on the error output, as text for people or JSON for machines, of every part of the
program alike. Never what may be about a person: no query strings, no bodies, no ids in paths, no messages of strange errors.

`exception` tells the types and places of an error and its causes. The message stands there only where it is known to hold no
input: a `StartError`, `Unavailable`, or what the operating system said. PostgreSQL's errors tell their SQLSTATE.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, cast

import structlog

from kairo.errors import StartError, StorageFull, Unavailable

_SPEAKING = (StartError, StorageFull, Unavailable)
_FRAMES_MOST = 12
_SEGMENT_MOST = 40
Event = MutableMapping[str, Any]


def told(error: BaseException) -> str:
    """What an error may say of itself in a log."""
    kind = type(error).__name__
    if isinstance(error, _SPEAKING):
        return f"{kind}: {error.detail}"
    if isinstance(error, OSError):
        return f"{kind}: {error.strerror or error.errno or ''}".rstrip(": ")
    state = getattr(error, "sqlstate", None)
    return f"{kind}: SQLSTATE {state}" if isinstance(state, str) else kind


def traced(error: BaseException) -> str:
    """The error, its causes and the places they came from, in one line."""
    parts = []
    current: BaseException | None = error
    seen: set[int] = set()
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = traceback.extract_tb(current.__traceback__)[-_FRAMES_MOST:]
        places = " > ".join(f"{frame.filename.rpartition('/src/')[2]}:{frame.lineno} {frame.name}" for frame in frames)
        parts.append(f"{told(current)} at {places}" if places else told(current))
        if isinstance(current, BaseExceptionGroup):
            parts += [traced(inner) for inner in current.exceptions]
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return " | because of ".join(parts)


def shown_path(path: str) -> str:
    """A path without what stands for somebody: segments that look like ids or are long become `…`."""
    return "/".join(
        "…" if len(part) > _SEGMENT_MOST or ":" in part or "%" in part or "@" in part else part for part in path.split("/")
    )


def _exceptions(_: Any, __: str, event: Event) -> Event:
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["exception"] = traced(error)
    return event


def _paths(_: Any, __: str, event: Event) -> Event:
    if isinstance(event.get("path"), str):
        event["path"] = shown_path(event["path"])
    return event


def _part(_: Any, __: str, event: Event) -> Event:
    """Lines of other libraries name their logger as the part. asyncio's go on with a picture of the task: values and all."""
    record = event.get("_record")
    if record is not None:
        event["part"] = record.name.lstrip("_")
        if record.name == "asyncio":
            event["event"] = str(event["event"]).partition("\n")[0]
    return event


_COMMON: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _paths,
    _exceptions,
]


def configure(log_format: str, level: str) -> None:
    """Sets up structlog and the standard library's logging for this process."""
    least = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*_COMMON, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_part, *_COMMON],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # Libraries speak from here on only: below they tell whole addresses (httpx) and the tokens that they make (Authlib).
    root.setLevel(max(least, logging.WARNING))
    logging.getLogger("kairo").setLevel(least)


def logger(name: str) -> Any:
    """A logger whose lines name the part of the program they come from."""
    return cast("Any", structlog.get_logger(part=name))
