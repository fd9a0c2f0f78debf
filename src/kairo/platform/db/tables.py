"""Does the live database keep the habits that let it grow to several machines? A manifest of tables, and its checker.

Each package lists its tables in `tables.py` beside the store; reference/scale-out.md tells the reasons.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from kairo.platform.db.catalogue import LiveTable, live_tables
from kairo.platform.db.pool import Connection

Placement = Literal["distributed", "reference", "local"]


@dataclass(frozen=True, slots=True)
class Table:
    """Where a table's rows stand once there are several machines, and whether row-level security guards them.

    distributed: by tenant; reference: copied to each node, small, changed seldom; local: on the coordinator only.
    """

    name: str
    placement: Placement = "distributed"
    colocated_with: str | None = None
    rls: bool = True


# What the database layer itself keeps.
TABLES = tuple(Table(name, "local", rls=False) for name in ("kairo_migration", "_pogo_migration", "_pogo_version"))


async def differences(connection: Connection, tables: Iterable[Table], *, app_role: str = "kairo_app") -> list[str]:
    """What is wrong, one sentence each; empty when the manifest and the database agree. `connection` is the owner's."""
    manifest = {table.name: table for table in (*TABLES, *tables)}
    live = await live_tables(connection, app_role)
    wrong = [f"{name}: in the database, but in no manifest" for name in sorted(set(live) - set(manifest))]
    wrong += [f"{name}: in a manifest, but not in the database" for name in sorted(set(manifest) - set(live))]
    for name, table in sorted(manifest.items()):
        wrong += _of_manifest(table, manifest)
        if name in live:
            wrong += _of_table(table, live[name], manifest)
    return wrong


def _of_manifest(table: Table, manifest: dict[str, Table]) -> list[str]:
    if table.colocated_with is None:
        return []
    other = manifest.get(table.colocated_with)
    if other is None or other.placement != "distributed" or table.placement != "distributed":
        return [f"{table.name}: colocated with {table.colocated_with}, but both must be distributed tables of the manifest"]
    return []


def _of_table(table: Table, live: LiveTable, manifest: dict[str, Table]) -> list[str]:
    wrong = []
    if live.owner_is_app:
        wrong.append("the application's role owns it or is a member of its owner")
    if table.rls:
        wrong += _row_security(live)
    if table.rls or table.placement == "distributed":
        wrong += _tenant_first(live, manifest)
    if table.placement == "distributed":
        wrong += [f"{what}: not on a distributed table" for what in live.forbidden]
    if table.name not in {own.name for own in TABLES}:
        wrong += [f"the identity column {column} is not bigint, or is a serial" for column in live.odd_identities]
        if not live.has_primary_key:
            wrong.append("it has no primary key")
    return [f"{table.name}: {one}" for one in wrong]


def _row_security(live: LiveTable) -> list[str]:
    wrong = []
    if not (live.rls_enabled and live.rls_forced):
        wrong.append("row-level security is not both enabled and forced")
    if not live.policies or any("app.tenant" not in text for text in live.policies):
        wrong.append("a policy is missing, or one does not compare the tenant with app.tenant")
    wrong += [
        f"the partition {name} can be reached by the application's role beside the policy" for name in live.open_partitions
    ]
    return wrong


def _tenant_first(live: LiveTable, manifest: dict[str, Table]) -> list[str]:
    wrong = [] if live.tenant_is_text else ["there is no column `tenant text NOT NULL`"]
    wrong += [f"{key} does not begin with tenant" for key, columns in live.keys if columns[:1] != ["tenant"]]
    for key, columns, target, target_columns in live.foreign_keys:
        aimed = manifest.get(target)
        if aimed is not None and aimed.placement == "reference" and not aimed.rls:
            continue  # a reference table stands on every node
        if columns[:1] != ["tenant"] or target_columns[:1] != ["tenant"]:
            wrong.append(f"{key} does not begin with tenant on both sides")
    return wrong
