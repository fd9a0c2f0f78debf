"""Which members of a subscription need or exclude each other? Asked of the whole body, when it is made and when it is changed."""

from collections.abc import Mapping
from typing import Any

from kairo.context.model.faults import Fault
from kairo.context.subscriptions.definition import projection_of


def check(body: Mapping[str, Any]) -> None:
    """The rules that join members (5.2.12, 5.2.14). Raises Fault."""
    if "notification" not in body:
        raise Fault("the subscription lacks notification", "notification がありません").at("notification")
    wanted = body["notification"]
    if "uri" not in wanted.get("endpoint", {}):
        raise Fault("the endpoint lacks uri", "endpoint に uri がありません").at("uri").at("endpoint").at("notification")
    if "entities" not in body and "watchedAttributes" not in body:
        raise Fault(
            "entities or watchedAttributes is needed: a subscription to everything is none",
            "entities か watchedAttributes のどちらかが必要です",
        )
    if "timeInterval" in body:
        for other in ("watchedAttributes", "throttling", "temporalQ"):
            if other in body:
                raise Fault(f"timeInterval and {other} exclude each other", f"timeInterval と {other} は同時に使えません").at(
                    other
                )
        if wanted.get("showChanges"):
            raise (
                Fault(
                    "timeInterval tells of no change, so showChanges has nothing to show",
                    "timeInterval では showChanges を使えません",
                )
                .at("showChanges")
                .at("notification")
            )
    if wanted.get("showChanges") and wanted.get("format") in {"keyValues", "simplified"}:
        raise (
            Fault(
                "showChanges needs the format normalized or concise (5.2.14)", "showChanges は normalized か concise で使います"
            )
            .at("showChanges")
            .at("notification")
        )
    _check_projection(wanted)
    accepted = wanted["endpoint"].get("accept")
    if accepted == "application/geo+json" and wanted.get("showChanges"):
        raise (
            Fault("showChanges is not offered in GeoJSON", "GeoJSON では showChanges を使えません")
            .at("showChanges")
            .at("notification")
        )


def _check_projection(wanted: Mapping[str, Any]) -> None:
    for other in ("pick", "omit"):
        if "attributes" in wanted and other in wanted:
            raise (
                Fault(f"attributes (deprecated) and {other} exclude each other", f"attributes と {other} は同時に使えません")
                .at(other)
                .at("notification")
            )
    projection = projection_of(wanted)
    both = sorted({part.name for part in projection.pick or ()} & projection.removed)
    if both:
        raise Fault(f"pick and omit both name {both[0]}", "pick と omit に同じ名前があります").at("omit").at("notification")
    joined = wanted.get("joinLevel", 1) if wanted.get("join", "@none") != "@none" else 0
    if projection.depth > joined:
        raise (
            Fault(
                f"pick or omit goes {projection.depth} levels into linked entities, the notification joins {joined} (join, joinLevel)",
                f"pick・omit が関連先の {projection.depth} 段目を指していますが、通知の結合は {joined} 段です（join・joinLevel）",
            )
            .at("pick" if "pick" in wanted else "omit")
            .at("notification")
        )
    if "joinLevel" in wanted and not joined:
        raise (
            Fault("joinLevel belongs to join: flat or inline", "joinLevel は join が flat か inline のときに使います")
            .at("joinLevel")
            .at("notification")
        )
