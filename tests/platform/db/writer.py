"""A program of its own that writes through SharedCommit and prints each acknowledged id; the durability tests kill it.

python writer.py DATA FIRST_ID [POSTGRES_BIN]
"""

import asyncio
import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path

from kairo.errors import Unavailable
from kairo.platform.db import Database, EmbeddedServer, SharedCommit, Unit, outcome_is_unknown, start

TABLE = "CREATE TABLE IF NOT EXISTS note (tenant text, id bigint, PRIMARY KEY (tenant, id))"


async def apply(unit: Unit, members: Sequence[int]) -> list[int]:
    await unit.connection.execute("INSERT INTO note SELECT $1, unnest($2::bigint[])", unit.tenant, members)
    return list(members)


async def write(server: EmbeddedServer, first: int) -> None:
    async with await Database.open(server.url, size=4, role=None, wait_seconds=20) as db:
        async with db.owner() as owner:
            await owner.execute(TABLE)
        commit = SharedCommit(db, apply, max_members=10)
        keeper = asyncio.create_task(server.keep())

        async def one(number: int) -> None:
            while True:
                number += 20
                try:
                    done = await commit.submit("a", number)
                    print("acknowledged", done, flush=True)
                except Unavailable as error:
                    print("unknown" if outcome_is_unknown(error) else "refused", number, flush=True)

        await asyncio.gather(keeper, *(one(first + number) for number in range(20)))


if __name__ == "__main__":
    with start(Path(sys.argv[1]), postgres_bin=Path(sys.argv[3]) if len(sys.argv) > 3 else None) as running:
        print("server", running.pid, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(write(running, int(sys.argv[2])))
