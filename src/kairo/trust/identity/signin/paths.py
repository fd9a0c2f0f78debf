"""Where does someone go after signing in? Only to a page of this site."""

from urllib.parse import urlsplit

from kairo.trust.identity.principals import PrincipalKind
from kairo.trust.identity.sessions.session import Session

HOME = "/me"


def home_of(session: Session | None) -> str:
    """Where someone goes who asked for nothing: residents to their own page, staff to the console."""
    return "/console" if session is not None and session.principal.kind is PrincipalKind.STAFF else HOME


def own_path(wanted: str, otherwise: str = HOME) -> str:
    """The path of this site that was asked for; another one where it is none. What a browser could read as another host is none: two
    slashes or backslashes at the beginning, a scheme, characters that browsers drop (tabs, line ends) or that need none."""
    if not wanted.startswith("/") or wanted[1:2] in {"/", "\\"} or len(wanted) > 2000:
        return otherwise
    if "\\" in wanted or any(ord(sign) < 0x21 or ord(sign) == 0x7F for sign in wanted):
        return otherwise
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return otherwise
    if parts.scheme or parts.netloc or "//" in parts.path:
        return otherwise
    return wanted
