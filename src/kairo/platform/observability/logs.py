"""How does a log line look? One event a line, as text for people or JSON for machines; never with query strings or bodies,
which may hold personal data."""

import logging
import sys
from typing import Any

import structlog


def configure(log_format: str, level: str) -> None:
    """Sets up structlog for this process; lines go to standard error."""
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping().get(level.upper(), logging.INFO)),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


def logger(name: str) -> Any:
    """A logger whose lines name the part of the program they come from."""
    return structlog.get_logger(part=name)
