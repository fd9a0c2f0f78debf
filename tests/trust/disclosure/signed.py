"""A log of 300 rows, signed three times, of which one person was erased since; and what belongs to it. For tests of its proofs."""

from pathlib import Path

import asyncpg

from kairo.context.gate import Look
from kairo.platform.db import Database
from kairo.trust.disclosure import store, tree
from kairo.trust.disclosure.log import Log
from kairo.trust.disclosure.proving.keys import Keys
from kairo.trust.disclosure.proving.proofs import Prover
from tests.context.granting.world import NOW, city
from tests.trust.disclosure.rows import tenant_with

TENANT = "352039"
ROWS = 300
PEOPLE = tuple(f"urn:ngsi-ld:Resident:p{number}" for number in range(3))
SIGNED = (20, 100, 280)


async def fill(url: str, folder: Path) -> None:
    async with await Database.open(url) as database:
        people = [{"id": id, "type": "Resident", "pulse": {"type": "Property", "value": 1}} for id in PEOPLE]
        await tenant_with(database, TENANT, *people)
        log = Log(database, lambda: NOW)
        prover = Prover(database, Keys(folder, lambda: NOW), lambda: NOW)
        for number in range(ROWS):
            looks = [Look(PEOPLE[(number + one) % 3], ("Resident",), ("pulse",)) for one in range(1 + number % 2)]
            await log.saw(city(TENANT), looks)
            if number + 1 in SIGNED:
                await prover.sign(TENANT)
        async with database.unit(TENANT) as unit:
            await store.erase(unit.connection, TENANT, PEOPLE[2])


async def leaves(url: str) -> list[bytes]:
    owner = await asyncpg.connect(url)
    try:
        return [row["leaf"] for row in await owner.fetch("SELECT leaf FROM disclosure_look ORDER BY seq")]
    finally:
        await owner.close()


def root(hashes: list[bytes]) -> bytes:
    grown = tree.Tree()
    for leaf in hashes:
        grown.append(leaf)
    return grown.root()
