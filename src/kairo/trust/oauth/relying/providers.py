"""At which other providers may people sign in? A YAML file of the operator's (docs/sign-in-elsewhere.md), with presets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import yaml

from kairo.errors import StartError
from kairo.platform.http.addresses import Network, networks
from kairo.trust.oauth.rules import checked_name

Texts = Mapping[str, str]
# What is known of some providers. `aal`: what their acr values mean for a session here; whatever is not listed counts as 1.
PRESETS: Final[dict[str, dict[str, Any]]] = {
    # デジタル認証アプリ (デジタル庁): code with PKCE, private_key_jwt; API reference for administrative bodies. Not tried against the real service.
    "digital-authentication-app": {
        "title": {
            "ja": "デジタル認証アプリ（マイナンバーカード）",
            "ja-x-easy": "マイナンバーカードの アプリ",
            "en": "Digital authentication app (Individual Number Card)",
        },
        "issuer": "https://auth-and-sign.go.jp/api/realms/main",
        "authentication": "private_key_jwt",
        "scope": "openid",
        "acr_values": "aal3",
        "aal": {"aal3": 3},
    },
    # Keycloak: acr is the level of authentication that the realm maps it to. Not tried against the real service.
    "keycloak": {"authentication": "client_secret_basic", "scope": "openid", "aal": {"0": 1, "1": 1, "2": 2}},
    # Another Kairo, for instance of the region.
    "kairo": {
        "authentication": "client_secret_basic",
        "scope": "openid",
        "aal": {f"urn:kairo:ial:{ial}:aal:{aal}": aal for ial in (1, 2, 3) for aal in (1, 2, 3)},
    },
    "": {"authentication": "client_secret_basic", "scope": "openid", "aal": {}},
}
_KNOWN: Final = {
    *(
        "name",
        "preset",
        "title",
        "issuer",
        "client_id",
        "secret_file",
        "authentication",
        "scope",
        "acr_values",
        "aal",
        "networks",
    ),
    *("authorization_endpoint", "token_endpoint", "jwks_uri"),
}
_MEND: Final = "See docs/sign-in-elsewhere.md for what such a file holds."


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another provider. `secret`: the client secret, or the private key (PEM or JWK) by which we sign; `endpoints`: addresses that are
    given here and not asked for; `networks`: private networks where it may stand."""

    name: str
    title: Texts
    issuer: str
    client_id: str
    authentication: str
    scope: str
    secret: str = field(repr=False)
    acr_values: str = ""
    aal: Mapping[str, int] = field(default_factory=dict)
    networks: tuple[Network, ...] = ()
    endpoints: Mapping[str, str] = field(default_factory=dict)


def read_providers(path: Path | None) -> dict[str, Elsewhere]:
    """The providers of a file by name; none without a file. Raises StartError that says what is wrong with which of them."""
    if path is None:
        return {}
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise StartError(f"{path} cannot be read: {error}", mend=_MEND) from error
    if not isinstance(said, dict) or not isinstance(said.get("providers"), list):
        raise StartError(f"{path} holds no list `providers`", mend=_MEND)
    found: dict[str, Elsewhere] = {}
    for number, one in enumerate(said["providers"], 1):
        try:
            read = _read(one, path.parent)
        except Exception as error:
            raise StartError(f"provider {number} in {path}: {error}", mend=_MEND) from error
        if read.name in found:
            raise StartError(f"provider {read.name} stands twice in {path}", mend=_MEND)
        found[read.name] = read
    return found


def _read(one: Any, folder: Path) -> Elsewhere:
    if not isinstance(one, dict) or set(one) - _KNOWN:
        raise ValueError(
            f"unknown: {', '.join(sorted(map(str, set(one) - _KNOWN)))}" if isinstance(one, dict) else "no mapping"
        )
    if one.get("preset", "") not in PRESETS:
        raise ValueError(f"there is no preset {one['preset']!r}: {', '.join(filter(None, PRESETS))}")
    said = {**PRESETS[one.get("preset", "")], **one}
    for needed in ("name", "issuer", "client_id", "secret_file"):
        if not isinstance(said.get(needed), str) or not said[needed]:
            raise ValueError(f"{needed} is missing")
    endpoints = {name: said[name] for name in ("authorization_endpoint", "token_endpoint", "jwks_uri") if name in said}
    for address in (said["issuer"], *endpoints.values()):
        if not _may_be_asked(address):
            raise ValueError(f"{address!r} is no https address (http is for this machine only)")
    if said["authentication"] not in {"client_secret_basic", "client_secret_post", "private_key_jwt"}:
        raise ValueError(f"{said['authentication']!r} is no way to show who we are")
    title = said.get("title") or {"ja": said["name"]}
    return Elsewhere(
        name=checked_name(said["name"]),
        title={"ja": title} if isinstance(title, str) else dict(title),
        issuer=said["issuer"].rstrip("/"),
        client_id=said["client_id"],
        authentication=said["authentication"],
        scope=str(said["scope"]),
        secret=(folder / said["secret_file"]).read_text(encoding="utf-8").strip(),
        acr_values=str(said.get("acr_values", "")),
        aal={str(acr): int(aal) for acr, aal in dict(said["aal"]).items() if int(aal) in {1, 2, 3}},
        networks=networks(said.get("networks", ())),
        endpoints=endpoints,
    )


def _may_be_asked(address: Any) -> bool:
    parts = urlsplit(address) if isinstance(address, str) else urlsplit("")
    is_near = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "::1", "localhost"}
    return (parts.scheme == "https" or is_near) and bool(parts.hostname) and not parts.username and not parts.fragment
