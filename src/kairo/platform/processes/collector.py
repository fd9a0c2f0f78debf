"""When does Python look for garbage? Seldom, and never again among what was there when a worker had been put together.

What a request makes is freed as it ends, by counting references; the collector is for cycles only, and those are few. With
Python's own thresholds it looked every seventh request and took a sixth of a worker's time (docs/performance.md).
"""

import gc

_THRESHOLDS = (10_000, 20, 50)


def settle() -> None:
    """Call this when a worker is put together: what is there now is no longer looked at, the rest less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    gc.enable()
