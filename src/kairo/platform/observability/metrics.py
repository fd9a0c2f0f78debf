"""Which figures does the program give about itself? Prometheus metrics, merged over all its processes.

The supervisor sets PROMETHEUS_MULTIPROC_DIR before the workers start, so that one scrape sees them all.
"""

import os

from prometheus_client import REGISTRY as OWN_REGISTRY
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess

REQUESTS = Counter("kairo_http_requests", "HTTP requests answered.", ["surface", "method", "status"])
SECONDS = Histogram(
    "kairo_http_request_seconds",
    "Seconds from the first byte of a request to the last of its answer.",
    ["surface"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
COMMITS = Counter("kairo_commits", "Shared commits of changes to the graph.")
CHANGES = Counter("kairo_changes", "Operations on the graph that were committed.")
REACTIONS = Counter("kairo_reactions", "Changes handed to reactions.", ["outcome"])

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"


def exposition() -> bytes:
    """All metrics in Prometheus' text format."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
        return generate_latest(registry)
    return generate_latest(OWN_REGISTRY)
