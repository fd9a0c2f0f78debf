"""Who may do what to which subscription, and what follows from it? The operations of CIM 009 5.8.1 to 5.8.5, and those on dead letters.

A subscription belongs to the principal that made it; others, but the administrator, see it as little as what is not there.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from kairo.context.contexts import ContextResolver, TermMap
from kairo.context.entities import store as entity_store
from kairo.context.gate import Scope
from kairo.context.model.faults import Fault
from kairo.context.model.parse import parse_id
from kairo.context.subscriptions.definition import Definition, watch_rows
from kairo.context.subscriptions.delivery.store import CHANNEL
from kairo.context.subscriptions.keeping import store
from kairo.context.subscriptions.keeping.kept import DeadLetter, Kept, Known
from kairo.context.subscriptions.members import read_members
from kairo.context.subscriptions.rules import check
from kairo.context.subscriptions.transport import Doors
from kairo.errors import (
    AlreadyExists,
    BadRequestData,
    Forbidden,
    NonexistentTenant,
    ResourceNotFound,
    TooManyRequests,
    Unauthenticated,
)
from kairo.platform.clock import Clock
from kairo.platform.db import Database, Unit, notify

MOST_LETTERS_SHOWN = 1000


class Book:
    """The subscriptions of an installation. `most` is how many a tenant may have, `deepest` the deepest joinLevel."""

    def __init__(
        self, database: Database, contexts: ContextResolver, clock: Clock, doors: Doors, most: int, deepest: int
    ) -> None:
        self._database = database
        self._contexts = contexts
        self._clock = clock
        self._doors = doors
        self._most = most
        self._deepest = deepest

    async def create(self, scope: Scope, payload: Mapping[str, Any], terms: TermMap) -> str:
        """Create Subscription (5.8.1): its id."""
        _require_subscriber(scope)
        id = parse_id(payload["id"]) if "id" in payload else f"urn:ngsi-ld:Subscription:{uuid.uuid4()}"
        if payload.get("type") != "Subscription":
            raise BadRequestData(
                'the body needs "type": "Subscription"', detail_ja='本文には "type": "Subscription" が必要です。'
            )
        body = read_members(payload, terms)
        if _has_null(body):
            raise BadRequestData("null removes, and there is nothing yet to remove", detail_ja="作成時に null は使えません。")
        if not terms.is_core:
            body["context"] = terms.link or terms.document
        now = self._clock()
        definition = self._checked(id, body, now, may_be_over=False)
        await self._resolve(body)
        async with self._database.unit(scope.tenant) as unit:
            turn = await store.take_turn(unit.connection, scope.tenant)
            if turn is None:
                turn = await self._new_tenant(unit, scope, now)
            if await store.count(unit.connection, scope.tenant, None) >= self._most:
                raise TooManyRequests(
                    f"this tenant has {self._most} subscriptions, which is the limit",
                    detail_ja=f"このテナントのサブスクリプションは上限（{self._most}件）に達しています。",
                    mend="Delete subscriptions that are no longer needed.",
                )
            is_active, expires_at = body.get("isActive", True), _expiry(body)
            made = await store.insert(
                unit.connection, scope.tenant, id, scope.principal, body, turn[1], turn[0], is_active, expires_at, now,
                _first(definition, now) if is_active else None, definition.links, scope.purpose,
            )  # fmt: skip
            if not made:
                raise AlreadyExists(
                    f"the subscription {id} exists already",
                    detail_ja=f"サブスクリプション {id} はすでにあります。",
                    mend="Use another id.",
                )
            await store.set_watch(unit.connection, scope.tenant, id, watch_rows(definition) if is_active else [])
            await notify(unit.connection, CHANNEL, f"{scope.tenant} {id}")
        return id

    async def update(self, scope: Scope, id: str, payload: Mapping[str, Any], terms: TermMap) -> None:
        """Update Subscription (5.8.2): members are merged to any depth, null removes."""
        _require_subscriber(scope)
        if payload.get("type", "Subscription") != "Subscription" or payload.get("id", id) != id:
            raise BadRequestData("id and type of a subscription do not change", detail_ja="id と type は変更できません。")
        fragment = read_members(payload, terms)
        await self._resolve(fragment)  # before the tenant is locked: it may take its time
        now = self._clock()
        async with self._database.unit(scope.tenant) as unit:
            turn = await store.take_turn(unit.connection, scope.tenant)
            row = None if turn is None else await store.one(unit.connection, scope.tenant, id, lock=True)
            old = _visible(scope, row, id)
            assert turn is not None
            assert row is not None
            body = _merged(old.body, fragment)
            definition = self._checked(id, body, now, may_be_over="expiresAt" not in fragment)
            is_active = body.get("isActive", True)
            since = row["since"] if old.status(now) == "active" else turn[0]
            next_at = row["next_at"] if body.get("timeInterval") == old.body.get("timeInterval") else None
            next_at = (next_at or _first(definition, now)) if is_active else None
            written = (body, turn[1], since, is_active, _expiry(body), now, next_at, definition.links)
            await store.update(unit.connection, scope.tenant, id, *written)
            await store.set_watch(unit.connection, scope.tenant, id, watch_rows(definition) if is_active else [])
            await notify(unit.connection, CHANNEL, f"{scope.tenant} {id}")

    async def delete(self, scope: Scope, id: str) -> None:
        """Delete Subscription (5.8.5), with all that it is still owed."""
        _require_subscriber(scope)
        async with self._database.unit(scope.tenant) as unit:
            turn = await store.take_turn(unit.connection, scope.tenant)
            _visible(scope, None if turn is None else await store.one(unit.connection, scope.tenant, id, lock=True), id)
            await store.delete(unit.connection, scope.tenant, id)

    async def get(self, scope: Scope, id: str) -> Kept:
        """Retrieve Subscription (5.8.3)."""
        _require_subscriber(scope)
        async with self._database.reading(scope.tenant) as connection:
            return _visible(scope, await store.one(connection, scope.tenant, id), id)

    async def page(self, scope: Scope, *, offset: int, limit: int, after: str = "") -> list[Kept]:
        """Query Subscriptions (5.8.4), in order of id."""
        _require_subscriber(scope)
        async with self._database.reading(scope.tenant) as connection:
            rows = await store.page(connection, scope.tenant, _whose(scope), after, offset, limit)
        return [Kept.of(row) for row in rows]

    async def count(self, scope: Scope) -> int:
        """How many the list has."""
        _require_subscriber(scope)
        async with self._database.reading(scope.tenant) as connection:
            return await store.count(connection, scope.tenant, _whose(scope))

    async def known(self, scope: Scope, *, offset: int = 0, limit: int = 100, only: str | None = None) -> list[Known]:
        """The list for people; `only` one of them."""
        kept = [await self.get(scope, only)] if only is not None else await self.page(scope, offset=offset, limit=limit)
        async with self._database.reading(scope.tenant) as connection:
            numbers = await store.numbers(connection, scope.tenant, [one.id for one in kept])
        return [Known(one, *numbers[one.id]) for one in kept]

    # Dead letters: operations of our own, beside the specification

    async def dead_letters(self, scope: Scope, id: str, most: int = MOST_LETTERS_SHOWN) -> list[DeadLetter]:
        """What could not be delivered, oldest first. Nothing of its content: that is rendered when it is sent again."""
        await self.get(scope, id)
        async with self._database.reading(scope.tenant) as connection:
            rows = await store.dead_letters(connection, scope.tenant, id, most)
        return [DeadLetter(**{name: row[name] for name in DeadLetter.__slots__}) for row in rows]

    async def replay(self, scope: Scope, id: str) -> int:
        """Sends all dead letters again, in their order: how many."""
        await self.get(scope, id)
        async with self._database.unit(scope.tenant) as unit:
            number = await store.replay(unit.connection, scope.tenant, id)
            await notify(unit.connection, CHANNEL, f"{scope.tenant} {id}")
        return number

    async def discard(self, scope: Scope, id: str) -> int:
        """Forgets all dead letters: how many."""
        await self.get(scope, id)
        async with self._database.unit(scope.tenant) as unit:
            return await store.discard(unit.connection, scope.tenant, id)

    # Inside

    async def _new_tenant(self, unit: Unit, scope: Scope, now: datetime) -> tuple[int, int]:
        if not scope.may_create_tenant:
            raise NonexistentTenant(
                f"there is no tenant {scope.tenant!r}", detail_ja=f"テナント「{scope.tenant}」はありません。"
            )
        await entity_store.create_tenant(unit.connection, scope.tenant, now, scope.principal)
        turn = await store.take_turn(unit.connection, scope.tenant)
        assert turn is not None
        return turn

    async def _resolve(self, body: Mapping[str, Any]) -> None:
        """Raises BadRequestData or LdContextNotAvailable for a jsonldContext that notifications could not be written in."""
        if body.get("jsonldContext") is not None:
            await self._contexts.resolve(body["jsonldContext"])

    def _checked(self, id: str, body: dict[str, Any], now: datetime, *, may_be_over: bool) -> Definition:
        """The definition of a body, after the rules that join its members. Raises BadRequestData."""
        try:
            check(body)
        except Fault as fault:
            raise fault.report() from None
        definition = Definition.of(id, body)
        if not self._doors.may_open(definition.endpoint.hostname):
            raise BadRequestData(
                "the endpoint is an address of this machine or of a private network, to which nothing is sent",
                detail_ja="通知先がこの機器や内部ネットワークのアドレスのため、送信できません。",
                mend="Let the operator name the network in the setting notification_networks (KAIRO_NOTIFICATION_NETWORKS).",
                mend_ja="運用担当に設定 KAIRO_NOTIFICATION_NETWORKS への追加を依頼してください。",
                path="/notification/endpoint/uri",
            )
        if definition.join_level > self._deepest:
            raise BadRequestData(
                f"joinLevel is at most {self._deepest}",
                detail_ja=f"joinLevel は{self._deepest}以下です。",
                path="/notification/joinLevel",
            )
        if definition.depth > self._deepest:
            raise BadRequestData(
                f"q goes at most {self._deepest} levels into linked entities",
                detail_ja=f"q で指せる関連先は{self._deepest}段までです。",
                path="/q",
            )
        expires_at = _expiry(body)
        if expires_at is not None and expires_at <= now and not may_be_over:
            raise BadRequestData("expiresAt is over already", detail_ja="expiresAt が過去の日時です。", path="/expiresAt")
        return definition


def _require_subscriber(scope: Scope) -> None:
    if scope.subscriptions != "none":
        return
    if scope.principal == "anonymous:":
        raise Unauthenticated(
            "subscribing needs credentials",
            detail_ja="サブスクリプションには認証が必要です。",
            mend="Send Authorization: Bearer with a token; the local administrator's is in the data folder (admin.token).",
            headers={"WWW-Authenticate": 'Bearer realm="kairo"'},
        )
    raise Forbidden(f"{scope.principal} may not subscribe", detail_ja="サブスクリプションを登録する権限がありません。")


def _visible(scope: Scope, row: Any, id: str) -> Kept:
    if row is None or (scope.subscriptions != "all" and row["principal"] != scope.principal):
        raise ResourceNotFound(
            f"there is no subscription {id[:200]}", detail_ja=f"サブスクリプション {id[:200]} はありません。"
        )
    return Kept.of(row)


def _whose(scope: Scope) -> str | None:
    return None if scope.subscriptions == "all" else scope.principal


def _expiry(body: Mapping[str, Any]) -> datetime | None:
    return datetime.fromisoformat(body["expiresAt"]) if "expiresAt" in body else None


def _first(definition: Definition, now: datetime) -> datetime | None:
    """When a periodic subscription is due for the first time."""
    seconds = definition.interval_seconds
    return None if seconds is None else now + timedelta(seconds=seconds)


def _has_null(value: Any) -> bool:
    return value is None or (isinstance(value, dict) and any(map(_has_null, value.values())))


def _merged(old: Mapping[str, Any], fragment: Mapping[str, Any]) -> dict[str, Any]:
    """The old members with those of the fragment; objects that are merged are notification and its endpoint only."""
    out = dict(old)
    for key, value in fragment.items():
        if value is None:
            out.pop(key, None)
        elif key in {"notification", "endpoint"}:
            out[key] = _merged(out.get(key, {}), value)
        else:
            out[key] = value
    return out
