"""What is known of a subscription that is kept? Its definition, its state and times, and what could not be delivered."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from kairo.context.subscriptions.transport.endpoint import Endpoint


@dataclass(frozen=True, slots=True)
class Kept:
    """A subscription as it is kept, with what became of its notifications."""

    id: str
    principal: str
    purpose: str
    body: dict[str, Any]
    is_active: bool
    expires_at: datetime | None
    created_at: datetime
    modified_at: datetime
    times_sent: int
    times_failed: int
    last_notification: datetime | None
    last_success: datetime | None
    last_failure: datetime | None
    last_error: str | None

    @staticmethod
    def of(row: Any) -> "Kept":
        """From a row of the store."""
        given = {name: row[name] for name in Kept.__slots__ if name != "body"}
        return Kept(**given, body=orjson.loads(row["body"]))

    def status(self, now: datetime) -> str:
        """active, paused or expired (5.2.12)."""
        if not self.is_active:
            return "paused"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "active"

    @property
    def receiver(self) -> str:
        """Scheme, host and port of the receiver: what may be shown to others than its owner."""
        return Endpoint.of(self.body["notification"]["endpoint"]).host

    @property
    def outcome(self) -> str | None:
        """`ok` or `failed`, as the last notification went; None before the first."""
        if self.last_notification is None:
            return None
        return "failed" if self.last_failure is not None and self.last_failure >= self.last_notification else "ok"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A notification that was given up: of which change of which entity, when, after how many tries, and why."""

    seq: int
    entity: str
    happened_at: datetime
    at: datetime
    attempts: int
    error: str


@dataclass(frozen=True, slots=True)
class Known:
    """A subscription in a list for people: with what waits and what is dead."""

    kept: Kept
    waiting: int
    dead: int
