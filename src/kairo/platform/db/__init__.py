"""How does the program hold its data in PostgreSQL? The face of the database layer; it knows nothing of cities or entities.

    server = attach_or_start(settings.data, postgres_bin=settings.postgres_bin)   # embedded.py; from the main thread
    await migrate(server.url)                                                     # migrations.py; once, by the supervisor
    async with await Database.open(server.url, size=settings.pool_size) as db:    # database.py; once a process
        async with db.unit(tenant) as unit:                    # units.py: one transaction, seen rows are the tenant's only
            await unit.connection.execute("INSERT …", …)
            unit.after_commit(wake_workers)
        async with db.reading(tenant) as connection:           # statements without a transaction; cannot write
            row = await connection.fetchrow("SELECT …", …)
        rows = await db.fetch(tenant, "SELECT …", …)           # the same for one statement, repeated if the connection broke

    commit = SharedCommit(db, apply)                           # commit.py: many members, one transaction, one fsync
    result = await commit.submit(tenant, member)               # apply(unit, members) -> [result or exception a member]

    lookup = Lookup("SELECT id, doc FROM entity WHERE tenant = $1 AND id = any($2)")      # reads.py
    row = await Coalescer(db).get(tenant, lookup, "urn:…")     # many waiting keys, one statement

jsonb comes and goes as bytes (text is accepted too): nothing is parsed on the way. Every error that leaves `unit`, `reading`,
`fetch`, `submit` and `get` is a `KairoError` (failures.py); inside a unit a store may catch asyncpg's own, e.g. UniqueViolationError.
"""

from kairo.platform.db.advisory import Leadership, lock_in_unit, lock_session, named_lock
from kairo.platform.db.commit import SharedCommit
from kairo.platform.db.database import PLANNED_ONCE, Connection, Database, Record
from kairo.platform.db.embedded import EmbeddedServer, attach_or_start, start
from kairo.platform.db.failures import as_kairo_error, mapped, outcome_is_unknown
from kairo.platform.db.migrations import migrate
from kairo.platform.db.notify import Listener, notify
from kairo.platform.db.reads import Coalescer, Lookup
from kairo.platform.db.tables import Table, differences
from kairo.platform.db.units import Unit, checked_tenant

__all__ = [
    "PLANNED_ONCE",
    "Coalescer",
    "Connection",
    "Database",
    "EmbeddedServer",
    "Leadership",
    "Listener",
    "Lookup",
    "Record",
    "SharedCommit",
    "Table",
    "Unit",
    "as_kairo_error",
    "attach_or_start",
    "checked_tenant",
    "differences",
    "lock_in_unit",
    "lock_session",
    "mapped",
    "migrate",
    "named_lock",
    "notify",
    "outcome_is_unknown",
    "start",
]
