"""Does every notification arrive, in order, whatever the receiver does, and is what is counted true afterwards?"""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from kairo.context.subscriptions import dispatcher
from kairo.context.subscriptions.delivery import visits
from kairo.platform.clock import iso
from kairo.platform.db import Database
from kairo.settings import Settings
from tests.context.api.broker import Asker, Broker, ok, open_broker
from tests.context.subscriptions.receivers import (
    LOOPBACK,
    Received,
    Receiver,
    delivering,
    eventually,
    ids,
    receiving,
    subscribed,
)

GIVES_UP = Settings(notification_networks=("127.0.0.0/8",), notification_timeout_seconds=1, notification_attempts=2)


def kind() -> str:
    return f"T{uuid4().hex[:8]}"


def thing(type: str, number: int, value: int = 0) -> dict[str, Any]:
    return {"id": f"urn:{type}:{number}", "type": type, "a": {"type": "Property", "value": value}}


async def state(asker: Asker, id: str) -> dict[str, Any]:
    found: dict[str, Any] = ok(await asker.get(f"/subscriptions/{id}")).json()["notification"]
    return found


async def until_settled(broker: Broker, id: str) -> None:
    """Until nothing waits for this subscription."""

    async def settled() -> bool:
        return not any(row["subscription"] == id for row in await broker.rows("notification"))

    await eventually(settled)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses after failures grow from a hundredth of a second."""
    monkeypatch.setattr(visits, "pause_after", lambda attempts: dispatcher.pause_after(attempts) / 100)


async def test_what_failed_is_sent_again_in_order(broker: Broker, administrator: Asker) -> None:
    failures = iter([500, 503, 404])
    async with receiving(lambda _: next(failures, 204)) as receiver, delivering(broker):
        type = kind()
        id = await subscribed(administrator, receiver.url, entities=[{"type": type}])
        for number in range(4):
            await administrator.made(thing(type, number))
        got = await receiver.until(7)
        assert ids(got) == [f"urn:{type}:{number}" for number in (0, 0, 0, 0, 1, 2, 3)]
        assert len({one.body["id"] for one in got}) == 4, "a second copy has the id of the first"
        await until_settled(broker, id)
        counted = await state(administrator, id)
        assert (counted["timesSent"], counted["timesFailed"], counted["status"]) == (7, 3, "ok")
        assert counted["lastFailure"] < counted["lastSuccess"] == counted["lastNotification"]


async def test_nobody_listens_at_first(broker: Broker, administrator: Asker) -> None:
    async with receiving() as receiver:
        url = receiver.url
    type = kind()
    id = await subscribed(administrator, url, entities=[{"type": type}])
    await administrator.made(thing(type, 1))
    async with delivering(broker):

        async def failed() -> bool:
            return (await state(administrator, id)).get("status") == "failed"

        await eventually(failed)
        late = Receiver()
        server = await asyncio.start_server(late.serve, "127.0.0.1", int(url.split(":")[2].split("/")[0]))
        assert ids(await late.until(1)) == [f"urn:{type}:1"]
        server.close()


async def test_redirects_are_not_followed(broker: Broker, administrator: Asker) -> None:
    answers = iter([302, 307])
    async with receiving(lambda _: next(answers, 200)) as receiver, delivering(broker):
        type = kind()
        await subscribed(administrator, receiver.url, entities=[{"type": type}])
        await administrator.made(thing(type, 1))
        assert {one.path for one in await receiver.until(3)} == {"/notify"}


async def test_what_is_given_up_is_a_dead_letter_that_can_be_sent_again(broker: Broker, administrator: Asker) -> None:
    broken = True
    async with receiving(lambda _: 500 if broken else 200) as receiver, delivering(broker, GIVES_UP):
        type = kind()
        id = await subscribed(administrator, receiver.url, entities=[{"type": type}])
        for number in range(2):
            await administrator.made(thing(type, number))
        await receiver.until(4)
        await until_settled(broker, id)
        letters = ok(await administrator.get(f"/subscriptions/{id}/deadLetters")).json()
        assert [(letter["entity"], letter["attempts"]) for letter in letters] == [(f"urn:{type}:{n}", 2) for n in range(2)]
        assert all("500" in letter["error"] for letter in letters)
        broken = False
        assert ok(await administrator.post(f"/subscriptions/{id}/deadLetters/replay")).json() == {"replayed": 2}
        assert ids((await receiver.until(6))[4:]) == [f"urn:{type}:0", f"urn:{type}:1"]
        assert ok(await administrator.get(f"/subscriptions/{id}/deadLetters")).json() == []


async def test_dead_letters_can_be_forgotten(broker: Broker, administrator: Asker) -> None:
    async with receiving(lambda _: 500) as receiver, delivering(broker, GIVES_UP):
        type = kind()
        id = await subscribed(administrator, receiver.url, entities=[{"type": type}])
        await administrator.made(thing(type, 1))
        await receiver.until(2)
        await until_settled(broker, id)
        ok(await administrator.delete(f"/subscriptions/{id}/deadLetters"), 204)
        assert ok(await administrator.get(f"/subscriptions/{id}/deadLetters")).json() == []


async def test_a_failing_receiver_holds_nobody_up(broker: Broker, administrator: Asker, receiver: Receiver) -> None:
    type = kind()
    async with receiving(lambda _: None) as silent, delivering(broker):
        for _ in range(5):
            await subscribed(administrator, silent.url, entities=[{"type": type}])
        await subscribed(administrator, receiver.url, entities=[{"type": type}])
        for number in range(10):
            await administrator.made(thing(type, number))
        assert ids(await receiver.until(10, seconds=1.8)) == [f"urn:{type}:{number}" for number in range(10)]
        assert len(silent.got) >= 1


async def test_a_cooldown_is_kept(broker: Broker, administrator: Asker) -> None:
    times: list[float] = []

    def answer(_: Received) -> int:
        times.append(asyncio.get_running_loop().time())
        return 500 if len(times) == 1 else 200

    async with receiving(answer) as receiver, delivering(broker):
        type = kind()
        wanted = {"endpoint": {"cooldown": 700}}
        await subscribed(administrator, receiver.url, entities=[{"type": type}], notification=wanted)
        await administrator.made(thing(type, 1))
        await receiver.until(2)
        assert times[1] - times[0] >= 0.7


async def test_a_timeout_of_ones_own(broker: Broker, administrator: Asker) -> None:
    patient = iter([None])
    async with receiving(lambda _: next(patient, 200)) as receiver, delivering(broker):
        type = kind()
        wanted = {"endpoint": {"timeout": 50}}
        id = await subscribed(administrator, receiver.url, entities=[{"type": type}], notification=wanted)
        await administrator.made(thing(type, 1))
        await receiver.until(2, seconds=1.5)  # the usual timeout here is two seconds
        await until_settled(broker, id)
        rows = [row for row in await broker.rows("subscription_state") if row["subscription"] == id]
        assert (rows[0]["times_sent"], rows[0]["times_failed"]) == (2, 1)


async def test_periodic_ones_get_what_is_there(broker: Broker, administrator: Asker, receiver: Receiver) -> None:
    type = kind()
    await administrator.made(thing(type, 1, 5))
    await administrator.made(thing(type, 2, 1))
    async with delivering(broker):
        id = await subscribed(administrator, receiver.url, entities=[{"type": type}], timeInterval=0.3, q="a>3")
        first, second = (await receiver.until(2))[:2]
        assert ids([first, second]) == [f"urn:{type}:1"] * 2
        assert first.body["id"] != second.body["id"]
        ok(await administrator.patch(f"/subscriptions/{id}", json={"isActive": False}), 204)


async def test_periodic_ones_are_told_nothing_where_nothing_is(
    broker: Broker, administrator: Asker, receiver: Receiver
) -> None:
    type = kind()
    async with delivering(broker):
        id = await subscribed(administrator, receiver.url, entities=[{"type": type}], timeInterval=0.1)

        async def next_at() -> datetime:
            (row,) = [row for row in await broker.rows("subscription_state") if row["subscription"] == id]
            found: datetime = row["next_at"]
            return found

        began = await next_at()

        async def went_by() -> bool:
            return await next_at() > began

        await eventually(went_by)
        await administrator.made(thing(type, 1))
        assert ids((await receiver.until(1))[:1]) == [f"urn:{type}:1"]


async def test_counters_and_what_waits_outlast_a_restart(database: Database, administrator: Asker, broker: Broker) -> None:
    type, answers = kind(), iter([200, 500])
    async with receiving(lambda _: next(answers, 200)) as receiver:
        async with delivering(broker):
            id = await subscribed(administrator, receiver.url, entities=[{"type": type}])
            await administrator.made(thing(type, 1))
            await receiver.until(1)
            await until_settled(broker, id)
        await administrator.made(thing(type, 2))
        async with open_broker(database, settings=LOOPBACK) as again, delivering(again):
            await receiver.until(3)
            await until_settled(broker, id)
        assert ids(receiver.got) == [f"urn:{type}:{number}" for number in (1, 2, 2)]
        counted = await state(administrator, id)
        assert (counted["timesSent"], counted["timesFailed"]) == (3, 1)


async def test_nothing_is_kept_of_what_was_told(broker: Broker, administrator: Asker, receiver: Receiver) -> None:
    type = kind()
    async with delivering(broker):
        id = await subscribed(administrator, receiver.url, entities=[{"type": type}])
        await administrator.made(thing(type, 1))
        await receiver.until(1)
        await until_settled(broker, id)

        async def forgotten() -> bool:
            return not [row for row in await broker.rows("notification_event") if row["entity"] == f"urn:{type}:1"]

        await eventually(forgotten)


async def test_while_two_deliver_nothing_is_lost_or_out_of_order(
    broker: Broker, administrator: Asker, receiver: Receiver
) -> None:
    """As while one leader's term ends and another's begins: notifications may come twice then."""
    type = kind()
    id = await subscribed(administrator, receiver.url, entities=[{"type": type}])
    async with delivering(broker):
        for number in range(20):
            await administrator.made(thing(type, number))
        await receiver.until(20)
        async with delivering(broker):
            for number in range(20, 30):
                await administrator.made(thing(type, number))
            await eventually(lambda: len(set(ids(receiver.got))) == 30)
            await until_settled(broker, id)
    assert list(dict.fromkeys(ids(receiver.got))) == [f"urn:{type}:{number}" for number in range(30)]


async def test_what_is_over_is_not_sent_any_more(broker: Broker, administrator: Asker, receiver: Receiver) -> None:
    type = kind()
    soon = broker.graph.clock().timestamp() + 0.3
    expires_at = datetime.fromtimestamp(soon, UTC)
    id = await subscribed(administrator, receiver.url, entities=[{"type": type}], expiresAt=iso(expires_at))
    await administrator.made(thing(type, 1))
    await eventually(lambda: broker.graph.clock().timestamp() >= soon)
    async with delivering(broker):
        mark = await subscribed(administrator, receiver.url, entities=[{"type": type}])
        await administrator.made(thing(type, 2))
        await receiver.until(1)
        await until_settled(broker, id)
    assert [one.body["subscriptionId"] for one in receiver.got] == [mark]


async def test_a_trial_tells_what_came_of_it(broker: Broker, administrator: Asker, receiver: Receiver) -> None:
    type = kind()
    await administrator.made(thing(type, 1))
    id = await subscribed(administrator, receiver.url, entities=[{"type": type}])
    trial = ok(await administrator.post(f"/subscriptions/{id}/trial")).json()
    assert (trial["delivered"], trial["entities"]) == (True, 1)
    assert ids(receiver.got) == [f"urn:{type}:1"]
    receiver.answer = lambda _: 403
    trial = ok(await administrator.post(f"/subscriptions/{id}/trial")).json()
    assert (trial["delivered"], trial["error"]) == (False, "the receiver answered 403 Forbidden")
    assert (await state(administrator, id))["timesSent"] == 0
