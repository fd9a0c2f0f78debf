"""Which subscriptions are refused, when they are made and when they are changed, each with a reason?"""

from typing import Any

import pytest

from tests.context.api.broker import Asker, refused
from tests.context.api.test_subscriptions import made, subscription

BAD: list[tuple[str, dict[str, Any]]] = [
    ("the type", {"type": "Thing"}),
    ("neither entities nor watchedAttributes", {"entities": None}),
    ("no endpoint", {"notification": {"endpoint": None}}),
    ("a scheme that is not offered", {"endpoint": {"uri": "ftp://receiver.example/"}}),
    ("no address", {"endpoint": {"uri": "receiver"}}),
    ("an MQTT wildcard", {"endpoint": {"uri": "mqtt://receiver.example/a/+"}}),
    ("no topic", {"endpoint": {"uri": "mqtt://receiver.example"}}),
    ("a user name over HTTP", {"endpoint": {"uri": "http://u:p@receiver.example/"}}),
    ("this machine", {"endpoint": {"uri": "http://127.0.0.1:8080/"}}),
    ("this machine by name", {"endpoint": {"uri": "http://localhost/"}}),
    ("this machine by number", {"endpoint": {"uri": "http://[::ffff:127.0.0.1]/"}}),
    ("a private network", {"endpoint": {"uri": "https://10.1.2.3/"}}),
    ("a header of ours", {"endpoint": {"uri": "https://r.example/", "receiverInfo": [{"key": "Host", "value": "x"}]}}),
    ("a header that splits", {"endpoint": {"uri": "https://r.example/", "receiverInfo": [{"key": "X", "value": "a\r\nB: c"}]}}),
    ("an unknown notifier setting", {"endpoint": {"uri": "mqtt://r.example/t", "notifierInfo": [{"key": "X", "value": "1"}]}}),
    ("a QoS of 3", {"endpoint": {"uri": "mqtt://r.example/t", "notifierInfo": [{"key": "MQTT-QoS", "value": "3"}]}}),
    ("a timeout of 0", {"endpoint": {"uri": "https://r.example/", "timeout": 0}}),
    ("an unknown media type", {"endpoint": {"uri": "https://r.example/", "accept": "text/plain"}}),
    ("an unknown member", {"surprise": 1}),
    ("an unknown member of notification", {"notification": {"surprise": 1}}),
    ("a trigger that is none", {"notificationTrigger": ["entityMoved"]}),
    ("no trigger at all", {"notificationTrigger": []}),
    ("a negative throttling", {"throttling": -1}),
    ("an interval of 0", {"timeInterval": 0}),
    ("throttling and timeInterval", {"throttling": 1, "timeInterval": 1}),
    ("watchedAttributes and timeInterval", {"watchedAttributes": ["a"], "timeInterval": 1}),
    ("showChanges in keyValues", {"notification": {"showChanges": True, "format": "keyValues"}}),
    ("attributes and pick", {"notification": {"attributes": ["a"], "pick": ["a"]}}),
    ("attributes and omit", {"notification": {"attributes": ["a"], "omit": ["a"]}}),
    ("pick and omit of one", {"notification": {"pick": ["a"], "omit": ["a"]}}),
    ("a format that is none", {"notification": {"format": "short"}}),
    ("a selector without type", {"entities": [{"id": "urn:a:1"}]}),
    ("an id that is no URI", {"entities": [{"type": "T", "id": "1"}]}),
    ("a pattern that is none", {"entities": [{"type": "T", "idPattern": "("}]}),
    ("a type selection that is none", {"entities": [{"type": "(A"}]}),
    ("a q that is none", {"q": "a=="}),
    ("names that are none", {"expandValues": "a,,b"}),
    ("names that are no texts", {"jsonKeys": 5}),
    ("a geoQ without geometry", {"geoQ": {"georel": "within"}}),
    ("a scopeQ that is none", {"scopeQ": "/a//"}),
    ("a temporalQ without time", {"temporalQ": {"timerel": "after"}}),
    ("an end without between", {"temporalQ": {"timerel": "after", "timeAt": "2026-01-01T00:00:00Z", "endTimeAt": "2026-01-02T00:00:00Z"}}),
    ("a lang that is none", {"lang": "!!"}),
    ("a time that is none", {"expiresAt": "tomorrow"}),
    ("an id of its own that is no URI", {"id": "1"}),
    ("a context that is no address", {"jsonldContext": "context"}),
]  # fmt: skip


@pytest.mark.parametrize(("what", "more"), BAD, ids=[what for what, _ in BAD])
async def test_what_is_no_subscription_is_refused(administrator: Asker, what: str, more: dict[str, Any]) -> None:
    payload = subscription(**{key: value for key, value in more.items() if key != "type"}) | (
        {"type": more["type"]} if "type" in more else {}
    )
    if payload["entities"] is None:
        del payload["entities"]
    refused(await administrator.post("/subscriptions", json=payload), 400, "BadRequestData")
    if "id" not in more:
        id = await made(administrator)
        if what != "neither entities nor watchedAttributes":
            fragment = {key: value for key, value in payload.items() if key != "entities" or "entities" in more}
            refused(await administrator.patch(f"/subscriptions/{id}", json=fragment), 400, "BadRequestData")
