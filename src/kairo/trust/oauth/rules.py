"""What does a key or a token allow, and how does that narrow a scope? Pure: words of an OAuth scope, and the gate's `Scope`.

The words (RFC 6749 3.3): `read`, `write`, `subscribe` say what may be done; `type:Sensor` limits it to entity types, `purpose:care`
the reading of what was granted to purposes. Those of OpenID Connect (`openid`, `profile`, …) speak of a person, never of the API.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from kairo.context.gate import DataClass, Scope
from kairo.errors import BadRequestData
from kairo.trust.identity.principals import Principal

# Which attributes of a resident stand behind a word of OpenID Connect (Core 5.4), and the claim that each becomes (5.1).
CLAIMS: Final[dict[str, dict[str, str]]] = {
    "profile": {"name": "name", "nameKana": "name#ja-Kana-JP", "birthDate": "birthdate"},
    "district": {"district": "district"},
}
OPENID, OFFLINE = "openid", "offline_access"
PEOPLE: Final = (OPENID, *CLAIMS, OFFLINE)  # words that are about a person who signs in
MOST_WORDS: Final = 100
LONGEST_SCOPE: Final = 4000
_DOING: Final = ("read", "write", "subscribe")
_WORD = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,300}")
_PURPOSE = re.compile(r"[A-Za-z0-9._:-]{1,100}")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+")  # RFC 8252 7.1: a name of one's own, backwards
_NOTHING: Final[frozenset[DataClass]] = frozenset()


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the holder of a key or token may do of what its application may. `types`, `purposes`: None for all."""

    reads: bool = False
    writes: bool = False
    subscribes: bool = False
    types: frozenset[str] | None = None
    purposes: frozenset[str] | None = None

    @staticmethod
    def of(words: Iterable[str]) -> "Allowance":
        """From the words of a scope, those about people left out. Raises ValueError for a word that is none of ours."""
        doing: set[str] = set()
        types: set[str] = set()
        purposes: set[str] = set()
        for word in words:
            kind, colon, name = word.partition(":")
            if not _WORD.fullmatch(word):
                raise ValueError(word)
            if word in _DOING:
                doing.add(word)
            elif colon and name and kind in {"type", "purpose"}:
                (types if kind == "type" else purposes).add(name)
            elif word not in PEOPLE:
                raise ValueError(word)
        if not doing:
            return NOTHING
        limited = (frozenset(types) or None, frozenset(purposes) or None)
        return Allowance("read" in doing, "write" in doing, "subscribe" in doing, *limited)

    def within(self, other: "Allowance") -> "Allowance":
        """What both allow. Where their types or purposes have nothing in common, nothing: an empty list never means all."""
        types, purposes = _both(self.types, other.types), _both(self.purposes, other.purposes)
        doing = (self.reads and other.reads, self.writes and other.writes, self.subscribes and other.subscribes)
        if not any(doing) or types == frozenset() or purposes == frozenset():
            return NOTHING
        return Allowance(*doing, types, purposes)

    def words(self) -> tuple[str, ...]:
        """The words of a scope that say this, in order."""
        doing = [word for word, allowed in zip(_DOING, (self.reads, self.writes, self.subscribes), strict=True) if allowed]
        limits = [f"type:{name}" for name in sorted(self.types or ())] + [
            f"purpose:{name}" for name in sorted(self.purposes or ())
        ]
        return (*doing, *limits)


NOTHING: Final = Allowance()


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody showed by a key or an access token: who they are, and what it allows. `whole`: whether it reads all that the
    application reads; only then may it subscribe, since notifications are held to what the application reads, not to a token."""

    principal: Principal
    allowance: Allowance
    whole: bool = True


def narrowed(scope: Scope, shown: Shown) -> Scope:
    """The scope of an application as far as what was shown allows: never more than `scope`."""
    allowed = shown.allowance
    subscribes = allowed.reads and allowed.subscribes and shown.whole
    return replace(
        scope,
        read_classes=scope.read_classes if allowed.reads else _NOTHING,
        write_classes=scope.write_classes if allowed.writes else _NOTHING,
        own_undeclared=scope.own_undeclared and (allowed.reads or allowed.writes),
        may_create_tenant=False,
        subscriptions=scope.subscriptions if subscribes else "none",
        by_grants=scope.by_grants and allowed.reads and (allowed.purposes is None or scope.purpose in allowed.purposes),
        types=_both(scope.types, allowed.types),
        read_only=scope.read_only or not allowed.writes,
    )


def for_purpose(scope: Scope, purpose: str) -> Scope:
    """The scope of an application for the purpose that it names (the header Kairo-Purpose): it decides which grants it reads by.
    Anybody else's purpose follows from who they are. Raises BadRequestData for what is no name of a purpose."""
    if not purpose or not scope.principal.startswith("application:"):
        return scope
    if not _PURPOSE.fullmatch(purpose):
        raise BadRequestData(
            "Kairo-Purpose is 1 to 100 of letters, digits and . _ : -",
            detail_ja="Kairo-Purpose は英数字と . _ : - の1〜100文字です。",
        )
    return replace(scope, purpose=purpose)


def attributes_of(words: Iterable[str]) -> dict[str, str]:
    """The attributes of a resident that words of OpenID Connect ask for, in order, and the claim that each becomes."""
    return {attribute: claim for word in words for attribute, claim in CLAIMS.get(word, {}).items()}


def without_unasked(words: Iterable[str], agreed: Collection[str]) -> tuple[str, ...]:
    """The words that remain where a resident agreed to these attributes: one of which nothing is agreed to goes."""
    return tuple(word for word in words if word not in CLAIMS or set(CLAIMS[word]) & set(agreed))


def checked_name(name: str) -> str:
    """The name of an application, which is its client_id and stands in its principal. Raises BadRequestData."""
    if not _NAME.fullmatch(name):
        raise BadRequestData(
            "an application's name has 1 to 63 of a-z, 0-9 and hyphens, none of them at its ends",
            detail_ja="アプリケーション名は半角英小文字・数字・ハイフン1〜63文字です（両端は英数字）。",
        )
    return name


def checked_words(text: str) -> tuple[str, ...]:
    """The words that an application or a key is registered with, in order. Raises BadRequestData for one that means nothing."""
    given = text.split()
    try:
        if len(text) > LONGEST_SCOPE or len(given) > MOST_WORDS:
            raise ValueError(f"{len(given)} words")
        return (*Allowance.of(given).words(), *(word for word in PEOPLE if word in given))
    except ValueError as error:
        raise BadRequestData(
            f"{str(error)[:80]!r} is no scope: read, write, subscribe, type:…, purpose:…, {', '.join(PEOPLE)}",
            detail_ja="スコープは read、write、subscribe、type:…、purpose:… と openid などから空白区切りで指定してください。",
        ) from error


def checked_uris(text: str) -> tuple[str, ...]:
    """Addresses that a browser may be sent back to, one a word. Raises BadRequestData for one that is not safe (RFC 9700 2.1, 4.1)."""
    found = tuple(text.split())
    for uri in found:
        if not _is_safe(uri):
            raise BadRequestData(
                f"{uri[:200]!r} cannot be a redirect address: https, http on this machine's loopback, or an app's own scheme (com.example.app:/…);"
                " no fragment, no user name, no wildcard",
                detail_ja="戻り先は https、ループバックの http、またはアプリ独自のスキーム（com.example.app:/…）で指定してください。",
            )
    return found


def _is_safe(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return False
    if (
        len(uri) > 2000
        or not uri.isascii()
        or not uri.isprintable()
        or set(uri) & set("#*\\\"<>^`{|}';, ")
        or parts.username is not None
    ):
        return False
    if parts.scheme == "https":
        return bool(parts.hostname)
    if parts.scheme == "http":
        return parts.hostname in {"127.0.0.1", "::1", "localhost"}
    return bool(_PRIVATE_SCHEME.fullmatch(parts.scheme)) and not parts.netloc


def _both(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other
