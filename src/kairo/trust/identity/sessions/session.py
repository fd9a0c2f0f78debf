"""What is a session, and is it strong enough for what is asked?

AAL and IAL after NIST SP 800-63: AAL 2 by a passkey that checked its holder, or by password and one-time code; IAL 2 once a look
at a card proved who someone is.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kairo.errors import Forbidden, SignInNeeded
from kairo.trust.identity.principals import Principal

METHODS: Final = ("link", "demo", "passkey", "password", "oidc", "enrolment")  # how someone signed in


@dataclass(frozen=True, slots=True)
class Session:
    """Someone who is signed in on one device. `id` names the session to its owner; `persons`: whom they fully represent at this
    moment, by key of the account; `purpose`: the duty that staff have chosen, empty until they have."""

    id: str
    principal: Principal
    aal: int
    method: str
    device: str
    purpose: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    idle_ends_at: datetime | None = None
    name: str = ""
    ial: int = 1
    is_synthetic: bool = False
    is_abroad: bool = False  # has moved out of the municipality: represents nobody
    persons: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The key of the account."""
        return self.principal.id.partition(":")[2]

    @property
    def is_demo(self) -> bool:
        """Whether it was opened by one click."""
        return self.method == "demo"


def strong_enough(session: Session | None, *, aal: int = 1, ial: int = 1) -> bool:
    """The boolean twin of `require`."""
    return session is not None and session.aal >= aal and session.ial >= ial


def require(session: Session | None, *, aal: int = 1, ial: int = 1) -> Session:
    """The session, where it is strong enough. Raises SignInNeeded, by which a browser is led to sign in (once more) and back, and
    Forbidden where no way to sign in would help: the identity was not proofed well enough."""
    if session is None:
        raise SignInNeeded("sign in first", detail_ja="ログインしてください。", aal=aal)
    if session.aal < aal:
        raise SignInNeeded(
            f"this asks for a stronger sign-in (AAL {aal}; this session has {session.aal})",
            detail_ja="この操作には、パスキーなどによる、もう一度の確認が必要です。",
            aal=aal,
        )
    if session.ial < ial:
        raise Forbidden(
            f"this asks for an identity that was proofed at the counter (IAL {ial}; this account has {session.ial})",
            detail_ja="この操作には、窓口などでの本人確認が必要です。",
            mend="Show a card at the counter once.",
            mend_ja="窓口で一度、本人確認書類をお見せください。",
        )
    return session
