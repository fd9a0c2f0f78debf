"""How does somebody else see that the log was not changed? A signed head, proofs for a row, and proofs from head to head."""

import asyncio
from typing import Any

import orjson

from kairo.errors import ResourceNotFound
from kairo.platform.clock import Clock
from kairo.platform.db import Connection, Database
from kairo.platform.observability.logs import logger
from kairo.trust.disclosure import tree
from kairo.trust.disclosure.proving import store
from kairo.trust.disclosure.proving.heads import Head
from kairo.trust.disclosure.proving.keys import Keys

SIGNED_EVERY_SECONDS = 300.0


class Prover:
    """Signs heads and makes proofs, each of a few short reads."""

    def __init__(self, database: Database, keys: Keys, clock: Clock) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock
        self._log = logger("disclosure")

    async def run(self) -> None:
        """Until cancelled, in the process that leads: signs what has grown. A round that fails is logged, and the next one comes."""
        while True:
            try:
                for tenant in await store.to_sign(self._database):
                    await self.sign(tenant)
            except Exception:  # noqa: BLE001 - the next round may succeed
                self._log.exception("the disclosure log could not be signed")
            await asyncio.sleep(SIGNED_EVERY_SECONDS)

    async def sign(self, tenant: str) -> Head | None:
        """Signs the tree as it is now; None while there is no row."""
        key = await asyncio.to_thread(self._keys.current)
        now = self._clock()
        async with self._database.unit(tenant) as unit:
            grown = await store.stands(unit.connection, tenant)
            if not grown.size:
                return None
            head = Head.signed(tenant, grown.size, now, grown.root(), key)
            await store.keep_head(unit, head, now)
        return head

    async def last_head(self, tenant: str) -> Head | None:
        """The head of most rows."""
        async with self._database.reading(tenant) as connection:
            return await store.last_head(connection, tenant)

    async def size(self, tenant: str) -> int:
        """How many rows there are."""
        async with self._database.reading(tenant) as connection:
            return (await store.stands(connection, tenant)).size

    async def inclusion(self, tenant: str, seq: int) -> dict[str, Any]:
        """The proof that a row is among those of the last head: `row` (its bytes as text), `index`, `path` (hex), `head`. Raises
        ResourceNotFound for a row that is not there, or is not signed yet."""
        async with self._database.reading(tenant) as connection:
            head = await store.last_head(connection, tenant)
            rows, _ = await store.rows(connection, tenant, seq, seq + 1)
            if head is None or seq not in rows or seq >= head.size:
                raise ResourceNotFound(
                    f"there is no signed row {seq}",
                    detail_ja=f"署名済みの記録 {seq} はありません。",
                    mend="Sign the log first.",
                )
            path = [(await _hash(connection, tenant, *one)).hex() for one in tree.inclusion(seq, head.size)]
        return {"row": rows[seq].record.said().decode(), "index": seq, "path": path, "head": orjson.loads(head.json())}

    async def consistency(self, tenant: str, former: int, size: int) -> list[bytes]:
        """The path that proves that the first `former` rows of `size` are those of the tree of `former`."""
        async with self._database.reading(tenant) as connection:
            return [await _hash(connection, tenant, *one) for one in tree.consistency(former, size)]


async def _hash(connection: Connection, tenant: str, low: int, high: int) -> bytes:
    """The hash of the subtree over a range of rows."""
    found = []
    for level, position in tree.subtrees(low, high):
        found.append(tree.of_kept(await store.hashes(connection, tenant, *tree.kept_below(level, position))))
    return tree.folded(found)
