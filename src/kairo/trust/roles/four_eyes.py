"""May this person say the second word on what another proposed? Pure; used where one person alone would be dangerous.

What is proposed holds when another person confirms it in time. Who proposed it, and whom it is for, are never that other person;
what nobody confirmed in time is over and has to be proposed anew.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Refusal(StrEnum):
    """Why this person may not confirm this, now."""

    NO_NEED = "no-need"
    NOT_ALLOWED = "not-allowed"
    PROPOSER = "proposer"
    CONCERNED = "concerned"
    CONFIRMED = "confirmed"
    ENDED = "ended"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Proposed:
    """What waits for a second person. `confirm_by`: until before when (None: no second person is asked); `concerned`: the principals
    for whom it is."""

    proposed_by: str
    concerned: frozenset[str]
    confirm_by: datetime | None
    is_confirmed: bool = False
    is_ended: bool = False


def refusal(proposed: Proposed, by: str, now: datetime, *, may: bool) -> Refusal | None:
    """The first reason why `by` may not confirm it at `now`; None where they may. `may`: they have the permission at all."""
    if not may:
        return Refusal.NOT_ALLOWED
    if proposed.confirm_by is None:
        return Refusal.NO_NEED
    if by == proposed.proposed_by:
        return Refusal.PROPOSER
    if by in proposed.concerned:
        return Refusal.CONCERNED
    if proposed.is_ended:
        return Refusal.ENDED
    if proposed.is_confirmed:
        return Refusal.CONFIRMED
    return Refusal.LATE if now >= proposed.confirm_by else None


SAYS = {
    Refusal.NO_NEED: ("it needs no second person", "二人目の確認は必要ありません"),
    Refusal.NOT_ALLOWED: ("confirming needs a duty that includes it", "確認する権限のある職務を選んでください"),
    Refusal.PROPOSER: (
        "whoever proposed it cannot confirm it: another person must",
        "提案した本人は確認できません。別の人が確認してください",
    ),
    Refusal.CONCERNED: (
        "whom it is for cannot confirm it: another person must",
        "対象の本人は確認できません。別の人が確認してください",
    ),
    Refusal.CONFIRMED: ("it has been confirmed already", "すでに確認されています"),
    Refusal.ENDED: ("it has been refused or ended", "すでに取り下げられたか、終わっています"),
    Refusal.LATE: ("the time to confirm is over; propose it anew", "確認の期限が過ぎました。もう一度提案してください"),
}
