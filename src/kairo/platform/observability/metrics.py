"""Which figures does the program give about itself? Prometheus metrics, merged over all its processes.

The supervisor sets PROMETHEUS_MULTIPROC_DIR before the workers start, so that one scrape sees them all. Files are named after
slots, not after process ids: a process that takes the place of a dead one goes on counting in its files, so that counters
neither fall nor do files pile up.
"""

import fcntl
import itertools
import os
from pathlib import Path

from prometheus_client import REGISTRY as OWN_REGISTRY
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess, values

FOLDER = "PROMETHEUS_MULTIPROC_DIR"


class Slot:
    """The number of this process among those that count into one folder: the lowest that no living process holds."""

    def __init__(self) -> None:
        self._process = 0
        self._number = 0

    def __call__(self) -> int:
        if self._process != os.getpid():
            self._process = os.getpid()
            self._number = self._take(Path(os.environ[FOLDER]))
        return self._number

    @staticmethod
    def _take(folder: Path) -> int:
        folder.mkdir(parents=True, exist_ok=True)
        for number in itertools.count(1):
            file = os.open(folder / f"slot-{number}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # held until the process ends, however it ends
            except BlockingIOError:
                os.close(file)
            else:
                return number
        raise AssertionError("unreachable")


if os.environ.get(FOLDER):
    values.ValueClass = values.MultiProcessValue(process_identifier=Slot())  # type: ignore[no-untyped-call]

REQUESTS = Counter("kairo_http_requests", "HTTP requests answered.", ["surface", "method", "status"])
SECONDS = Histogram(
    "kairo_http_request_seconds",
    "Seconds from the first byte of a request to the last of its answer.",
    ["surface"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
CHANGES = Counter("kairo_changes", "Operations on the graph that were committed.")
REWRITTEN = Counter("kairo_entities_rewritten", "Entities stored anew in the newest version of their types.")
NARROWED = Counter("kairo_queries_narrowed", "Queries that an index helped (used) or would have (missed).", ["outcome"])
REACTIONS = Counter("kairo_reactions", "Changes handed to reactions.", ["outcome"])
NOTIFICATIONS = Counter("kairo_notifications", "Notifications to subscribers: sent, failed, dead, withheld.", ["outcome"])
NOTIFICATIONS_WAITING = Gauge("kairo_notifications_waiting", "Notifications that wait.", multiprocess_mode="mostrecent")
DEAD_LETTERS = Gauge("kairo_dead_letters", "Notifications that were given up.", multiprocess_mode="mostrecent")

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"


def exposition() -> bytes:
    """All metrics in Prometheus' text format."""
    if os.environ.get(FOLDER):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
    return generate_latest(OWN_REGISTRY)
