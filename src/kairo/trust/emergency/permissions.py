"""Who may see, confirm and close emergency releases? Each question once as a boolean and once as a check that raises."""

from datetime import datetime

from kairo.trust.emergency.rules import Release, State, state_of
from kairo.trust.roles.four_eyes import refusal
from kairo.trust.roles.permissions import Standing, check_open_emergency, may_confirm, may_open_emergency


def may_see(standing: Standing) -> bool:
    """Whether they see releases and drills: who opens, and who confirms."""
    return may_open_emergency(standing) or may_confirm(standing)


def check_see(standing: Standing) -> None:
    """Raises unless `may_see`."""
    if not may_see(standing):
        check_open_emergency(standing)


def may_close(standing: Standing) -> bool:
    """Whether they close one, alone: whoever may open or confirm."""
    return may_see(standing)


def check_close(standing: Standing) -> None:
    """Raises unless `may_close`."""
    check_see(standing)


def may_confirm_now(standing: Standing, one: Release, now: datetime) -> bool:
    """Whether they are the second officer for this release at `now`. The check is Emergency.confirm."""
    allowed = refusal(one.proposed, standing.principal, now, may=may_confirm(standing)) is None
    return allowed and state_of(one, now) is State.OPEN
