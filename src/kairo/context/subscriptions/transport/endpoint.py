"""Where and how does a subscriber want to be told? The Endpoint of a subscription (CIM 009 5.2.15, 5.2.22, clause 7)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from kairo.context.model.faults import Fault
from kairo.context.subscriptions.transport.mqtt import VERSIONS, read_uri

ACCEPTED: Final = ("application/json", "application/ld+json", "application/geo+json")
MOST_PAIRS: Final = 50
LONGEST_TIMEOUT_MS: Final = 60_000
LONGEST_COOLDOWN_MS: Final = 24 * 3600 * 1000
_LONGEST_URI: Final = 2048
_URI = re.compile(r"(?:https?|mqtts?)://[^\s<>\"\\^`{|}\x00-\x20\x7f-\uffff]+")
_HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}")
_HEADER_VALUE = re.compile(r"[\x20-\x7e\xa0-\xff]{0,4000}")
_OURS: Final = {
    "host",
    "content-length",
    "content-type",
    "transfer-encoding",
    "connection",
    "expect",
    "upgrade",
    "te",
    "trailer",
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint, read. `uri` may hold a password; `host` never does."""

    uri: str
    accept: str
    timeout_seconds: float | None
    cooldown_seconds: float
    receiver_info: tuple[tuple[str, str], ...]
    mqtt_version: str
    mqtt_qos: int

    @property
    def is_mqtt(self) -> bool:
        return self.uri.startswith("mqtt")

    @property
    def hostname(self) -> str:
        """The host alone."""
        return urlsplit(self.uri).hostname or ""

    @property
    def host(self) -> str:
        """Scheme, host and port: what may be shown of the address to others."""
        parts = urlsplit(self.uri)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    @staticmethod
    def of(stored: Mapping[str, Any]) -> "Endpoint":
        """From a definition that was checked."""
        notifier = {pair["key"]: pair["value"] for pair in stored.get("notifierInfo", ())}
        return Endpoint(
            uri=stored["uri"],
            accept=stored.get("accept", ACCEPTED[0]),
            timeout_seconds=stored["timeout"] / 1000 if "timeout" in stored else None,
            cooldown_seconds=stored.get("cooldown", 0) / 1000,
            receiver_info=tuple((pair["key"], pair["value"]) for pair in stored.get("receiverInfo", ())),
            mqtt_version=notifier.get("MQTT-Version", "mqtt5.0"),
            mqtt_qos=int(notifier.get("MQTT-QoS", "0")),
        )


def read_endpoint(given: Any) -> dict[str, Any]:
    """The endpoint of a payload, checked member by member. Raises Fault."""
    if type(given) is not dict:
        raise Fault("an object with uri", "uri を持つオブジェクト", given)
    out: dict[str, Any] = {}
    for key, value in given.items():
        try:
            if value is None:
                out[key] = None
            elif key == "uri":
                out[key] = _uri(value)
            elif key == "accept":
                if value not in ACCEPTED:
                    raise Fault(f"one of {', '.join(ACCEPTED)}", f"{'、'.join(ACCEPTED)} のいずれか", value)
                out[key] = value
            elif key == "timeout":
                out[key] = _milliseconds(value, LONGEST_TIMEOUT_MS)
            elif key == "cooldown":
                out[key] = _milliseconds(value, LONGEST_COOLDOWN_MS)
            elif key in {"receiverInfo", "notifierInfo"}:
                out[key] = _pairs(value, _receiver if key == "receiverInfo" else _notifier)
            else:
                raise Fault("no such member of an endpoint", "endpoint にないメンバーです")
        except Fault as fault:
            raise fault.at(key) from None
    return out


def _uri(value: Any) -> str:
    if type(value) is not str or len(value) > _LONGEST_URI or _URI.fullmatch(value) is None:
        raise Fault(
            "an address that begins with http://, https://, mqtt:// or mqtts://, percent-encoded where needed",
            "http://、https://、mqtt://、mqtts:// で始まるアドレス",
            value,
        )
    try:
        parts = urlsplit(value)
        _ = parts.port
        if value.startswith("mqtt"):
            read_uri(value)
        elif not parts.hostname or parts.username is not None:
            raise ValueError
    except ValueError:
        raise Fault(
            "http(s)://host[:port]/path without user name, or mqtt(s)://[user[:password]@]host[:port]/topic without wildcard",
            "http(s)://host[:port]/path（ユーザー名なし）または mqtt(s)://[user[:password]@]host[:port]/topic",
            value,
        ) from None
    return value


def _milliseconds(value: Any, most: int) -> float:
    if type(value) not in {int, float} or not 0 < value <= most:
        raise Fault(f"a number of milliseconds above 0 and up to {most}", f"0より大きく{most}以下のミリ秒", value)
    return float(value) if type(value) is float else int(value)


def _pairs(given: Any, check: Any) -> list[dict[str, str]]:
    if type(given) is not list or not 0 < len(given) <= MOST_PAIRS:
        raise Fault(f"an array of 1 to {MOST_PAIRS} objects with key and value", "key と value を持つオブジェクトの配列", given)
    out = []
    for index, pair in enumerate(given):
        try:
            if type(pair) is not dict or set(pair) != {"key", "value"} or any(type(item) is not str for item in pair.values()):
                raise Fault("an object with the texts key and value", "文字列 key と value を持つオブジェクト", pair)
            check(pair["key"], pair["value"])
        except Fault as fault:
            raise fault.at(index) from None
        out.append({"key": pair["key"], "value": pair["value"]})
    return out


def _receiver(key: str, value: str) -> None:
    if not _HEADER_NAME.fullmatch(key) or key.lower() in _OURS:
        raise Fault("the name of a header that is not set by the broker itself", "ブローカー自身が設定しないヘッダー名", key)
    if not _HEADER_VALUE.fullmatch(value):
        raise Fault("a header's value: printable characters of Latin-1", "ヘッダーの値（表示できるLatin-1文字）", value)


def _notifier(key: str, value: str) -> None:
    choices: Sequence[str] = {"MQTT-Version": tuple(VERSIONS), "MQTT-QoS": ("0", "1", "2")}.get(key, ())
    if not choices:
        raise Fault("MQTT-Version or MQTT-QoS", "MQTT-Version または MQTT-QoS", key)
    if value not in choices:
        raise Fault(f"one of {', '.join(choices)}", f"{'、'.join(choices)} のいずれか", value)
