"""Were the facts that lie in data/yamaguchi now loaded before? Their digest is kept as an entity."""

import hashlib
from pathlib import Path

import orjson

from kairo.commands import store
from kairo.platform.db import Database
from kairo.services.vision import entities, tasks
from kairo.services.vision.tasks import data_folder

LOADED = "urn:ngsi-ld:DataLoad:{tenant}:facts"


def digest_of_facts(folder: Path) -> str:
    """One digest of all files, names included, and of the code that turns them into entities."""
    total = hashlib.sha256()
    code = [Path(module.__file__ or "") for module in (entities, tasks)]
    for path in [*sorted(folder.rglob("*.yaml")), *code]:
        name = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name
        total.update(name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def mark_of(tenant: str, digest: str) -> dict[str, object]:
    """The entity that remembers what was loaded."""
    return {"id": LOADED.format(tenant=tenant), "type": "DataLoad", "digest": {"type": "Property", "value": digest}}


async def are_loaded(database: Database, tenant: str) -> bool:
    """Whether the mark in the graph has the digest of the files."""
    doc = await store.document(database, tenant, LOADED.format(tenant=tenant))
    return doc is not None and orjson.loads(doc)["digest"]["value"] == digest_of_facts(data_folder())
