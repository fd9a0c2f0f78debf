"""How does a kept subscription look to who asks for it? In the asker's terms, with its status and counters (CIM 009 5.2.12, 5.2.14.2)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from kairo.context.contexts import CORE, TermMap
from kairo.context.subscriptions.keeping import Kept
from kairo.context.subscriptions.members import TYPE_NAME, projected
from kairo.platform.clock import iso


def shown(kept: Kept, terms: TermMap, now: datetime, *, sys_attrs: bool) -> dict[str, Any]:
    """The subscription as JSON. Names are the asker's; q is as it was written."""
    compact: Callable[[str], str] = terms.compact
    out: dict[str, Any] = {"id": kept.id, "type": "Subscription"}
    for key, value in kept.body.items():
        if key == "entities":
            out[key] = [{**item, "type": TYPE_NAME.sub(lambda name: compact(name[0]), item["type"])} for item in value]
        elif key == "watchedAttributes":
            out[key] = [compact(name) for name in value]
        elif key == "q":
            out[key] = value["text"]
        elif key == "geoQ":
            out[key] = {**value, "geoproperty": compact(value["geoproperty"])} if "geoproperty" in value else value
        elif key == "notification":
            out[key] = _notification(kept, compact)
        elif key != "context":
            out[key] = value
    out["status"] = kept.status(now)
    if sys_attrs:
        out["createdAt"], out["modifiedAt"] = iso(kept.created_at), iso(kept.modified_at)
    return out


def _notification(kept: Kept, compact: Callable[[str], str]) -> dict[str, Any]:
    stored = kept.body["notification"]
    out = dict(stored)
    for key in ("attributes", "pick", "omit"):
        if key in out:
            out[key] = [part.written(compact) for part in projected(out[key], CORE)]
    if kept.outcome is not None:
        out["status"] = kept.outcome
    out["timesSent"], out["timesFailed"] = kept.times_sent, kept.times_failed
    times = {
        "lastNotification": kept.last_notification, "lastSuccess": kept.last_success, "lastFailure": kept.last_failure
    }  # fmt: skip
    return out | {name: iso(moment) for name, moment in times.items() if moment is not None}
