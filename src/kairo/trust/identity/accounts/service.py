"""What can be done with accounts? Each use case is one atomic unit with its audit record; the graph is told right after it.

The row is kept first and marked as not published, then its entity is written, then the mark goes. What comes between (a kill) is
made up for by `publish_waiting`, which the leader calls from time to time: an entity is late then, and never missing.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Protocol

from kairo.context.gate import DataClass, Scope
from kairo.context.granting import shield
from kairo.context.graph import GraphInterface
from kairo.errors import AlreadyExists, BadRequestData, ResourceNotFound
from kairo.platform.clock import Clock
from kairo.platform.db import Unit
from kairo.trust.identity.accounts import rotation, store
from kairo.trust.identity.accounts.account import Account, as_entity
from kairo.trust.identity.accounts.rotation import Move
from kairo.trust.identity.accounts.rules import Event, State, after
from kairo.trust.recording import record

PRINCIPAL, PURPOSE = "application:identity", "identity"  # who writes the entities of residents, and what for
_EVERY = frozenset(DataClass)
_BATCH = 500


class Database(Protocol):
    """The part of the database that this needs."""

    def unit(self, tenant: str) -> Any: ...
    def reading(self, tenant: str) -> Any: ...


# What else follows from a change of an account in its own unit: sessions end, mandates end (service.py of these).
Follows = Callable[[Unit, Account, Account, datetime, str], Awaitable[None]]


class Accounts:
    """The accounts of one municipality."""

    def __init__(self, database: Database, graph: GraphInterface, tenant: str, clock: Clock) -> None:
        self._database = database
        self._graph = graph
        self._tenant = tenant
        self.clock = clock
        self._scope = Scope(tenant, PRINCIPAL, PURPOSE, read_classes=_EVERY, write_classes=_EVERY)
        self._publishing = asyncio.Lock()
        self.follows: list[Follows] = []

    async def register(self, account: Account, *, by: str) -> Account:
        """Keeps a new account; one without a key gets a random one. Raises AlreadyExists where key or login are taken."""
        login = account.login.casefold() if account.login else None
        kept = replace(account, key=account.key or secrets.token_hex(8), name=" ".join(account.name.split()), login=login)
        now = self.clock()
        async with self._database.unit(self._tenant) as unit:
            if not await store.insert(unit.connection, self._tenant, kept, now):
                raise AlreadyExists("this key or sign-in name is taken", detail_ja="このログイン名はすでに使われています。")
            if kept.is_protected:
                await shield(unit, kept.person, now, by=by)
            await record(unit, now, by=by, purpose=PURPOSE, did="register", what=kept.principal)
        await self.publish([kept.key])
        return kept

    async def get(self, key: str) -> Account:
        """The account, or ResourceNotFound."""
        async with self._database.reading(self._tenant) as connection:
            found = await store.by_key(connection, self._tenant, [key], self.clock())
        return one_of(found, key)

    async def many(self, keys: Iterable[str]) -> dict[str, Account]:
        """Those of the accounts that there are, by key."""
        async with self._database.reading(self._tenant) as connection:
            return await store.by_key(connection, self._tenant, sorted(set(keys)), self.clock())

    async def names(self, principals: Iterable[str]) -> dict[str, str]:
        """What to call residents and staff on a page, by principal. Protected persons have no name here."""
        wanted = set(principals)
        found = (await self.many(principal.partition(":")[2] for principal in wanted)).values()
        return {one.principal: one.name for one in found if not one.is_protected and one.principal in wanted}

    async def exactly(self, name: str, born_on: date) -> list[Account]:
        """Residents of just this name and birth date; whoever is protected is not among them."""
        async with self._database.reading(self._tenant) as connection:
            return await store.exactly(connection, self._tenant, name, born_on, self.clock())

    async def household_of(self, account: Account) -> list[Account]:
        """Who lives with a resident. A protected person lives with nobody, and nobody with them."""
        if account.household is None or account.is_protected:
            return [account]
        async with self._database.reading(self._tenant) as connection:
            return await store.of_household(connection, self._tenant, account.household, self.clock())

    async def every(self, kind: str, *, after: str = "", limit: int = 100) -> list[Account]:
        """Active accounts of a kind, a page in order of key."""
        async with self._database.reading(self._tenant) as connection:
            return await store.of_kind(connection, self._tenant, kind, self.clock(), after=after, limit=limit)

    async def happen(self, key: str, event: Event, *, by: str, reason: str) -> Account:
        """Records what happened to someone (転入, 転出, 死亡, 成年後見 …) with all that follows from it."""

        def changed(account: Account) -> Account:
            state = after(State(account.kind, account.status, account.has_guardian), event)
            return replace(account, status=state.status, has_guardian=state.has_guardian)

        return await self._change(key, changed, by=by, operation=event.value, reason=reason)

    async def protect(self, key: str, *, by: str, reason: str, is_protected: bool = True) -> Account:
        """Begins or ends the protection of a person (支援措置): from now on nothing reveals them, and nobody acts for them."""

        def changed(account: Account) -> Account:
            return replace(account, is_protected=is_protected)

        return await self._change(key, changed, by=by, operation="protect" if is_protected else "unprotect", reason=reason)

    async def proofed(self, key: str, ial: int, *, by: str, reason: str) -> Account:
        """Records how surely it is known who someone is (IAL 1 to 3), e.g. 2 after a look at their card at the counter."""
        return await self._change(key, lambda account: replace(account, ial=ial), by=by, operation="proof", reason=reason)

    # Staff

    async def preview_rotation(self, table: str) -> list[Move]:
        """What a table of (sign-in name, department so far, department to come, from) would change, line by line."""
        lines = rotation.read(table)
        async with self._database.reading(self._tenant) as connection:
            staff = await store.by_logins(connection, self._tenant, [line.login.casefold() for line in lines], self.clock())
        return rotation.preview(lines, staff, self.clock())

    async def rotate(self, table: str, *, by: str) -> int:
        """Applies a table as a whole, each line from its day on; how many lines. Raises BadRequestData, and changes nothing, where
        any line is wrong by now."""
        lines, now = rotation.read(table), self.clock()
        async with self._database.unit(self._tenant) as unit:
            logins = [line.login.casefold() for line in lines]
            staff = await store.by_logins(unit.connection, self._tenant, logins, now, lock=True)
            moves = rotation.preview(lines, staff, now)
            wrong = [move.line.number for move in moves if move.wrong]
            if wrong:
                raise BadRequestData(
                    f"lines {', '.join(map(str, wrong[:20]))} are wrong, so nothing was changed",
                    detail_ja=f"{'、'.join(map(str, wrong[:20]))}行目に誤りがあるため、何も変更していません。",
                )
            lines_kept = [(move.account.key, move.since, move.line.after) for move in moves if move.account and move.since]
            await store.post(unit.connection, self._tenant, lines_kept)
            said = [f"{move.line.login} {move.line.before} {move.line.after} {move.line.since}" for move in moves]
            await record(unit, now, by=by, purpose=PURPOSE, did="rotate", what="staff:", says=said)
        return len(moves)

    async def _change(
        self, key: str, changed: Callable[[Account], Account], *, by: str, operation: str, reason: str
    ) -> Account:
        now = self.clock()
        async with self._database.unit(self._tenant) as unit:
            before = one_of(await store.by_key(unit.connection, self._tenant, [key], now, lock=True), key)
            account = changed(before)
            await store.update(unit.connection, self._tenant, account, now)
            if before.is_protected != account.is_protected:  # no grant of an area or a role reveals them, whatever is held
                await shield(unit, account.person, now, by=by, is_shielded=account.is_protected)
            for follow in self.follows:
                await follow(unit, before, account, now, by)
            await record(unit, now, by=by, purpose=PURPOSE, did=operation, what=account.principal, says=(reason,))
        await self.publish([account.key])
        return account

    # The graph

    async def publish(self, keys: Sequence[str]) -> None:
        """Tells the graph what is known of these accounts. Their rows are locked meanwhile, so that an older state never comes
        after a newer one; one batch at a time, since it holds a connection while the graph takes another. Whose entity cannot be
        written now is tried again by the leader."""
        async with self._publishing, self._database.unit(self._tenant) as unit:
            found = await store.by_key(unit.connection, self._tenant, keys, self.clock(), lock=True)
            residents = [account for account in found.values() if account.kind == "resident"]
            shown = [as_entity(account, self._tenant) for account in residents if account.is_shown]
            gone = [account.person for account in residents if not account.is_shown]
            written = await self._graph.upsert(self._scope, shown, request="identity") if shown else []
            failed = {one.id for one in written if one.outcome == "refused"}
            if gone:
                removed = zip(gone, await self._graph.delete(self._scope, gone, request="identity"), strict=True)
                failed |= {id for id, error in removed if error is not None and not isinstance(error, ResourceNotFound)}
            done = [account.key for account in residents if account.person not in failed]
            await store.published(unit.connection, self._tenant, done)

    async def publish_waiting(self) -> int:
        """Tells the graph of all accounts that it does not know of yet; how many there were."""
        total, last = 0, ""
        while True:
            async with self._database.reading(self._tenant) as connection:
                found = await store.unpublished(connection, self._tenant, self.clock(), after=last, limit=_BATCH)
            if not found:
                return total
            await self.publish([account.key for account in found])
            total, last = total + len(found), found[-1].key


def one_of(found: dict[str, Account], key: str) -> Account:
    """The account, or ResourceNotFound in the words of whatever is not there."""
    if key not in found:
        raise ResourceNotFound("there is no such account", detail_ja="該当する方は見つかりません。")
    return found[key]
