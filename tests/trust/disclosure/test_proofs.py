"""Do proofs prove what they say, are keys kept and changed, and is a head read as it was written?"""

from pathlib import Path

import pytest

from kairo.errors import BadRequestData, ResourceNotFound, StartError
from kairo.platform.db import Database
from kairo.trust.disclosure import tree
from kairo.trust.disclosure.proving.heads import Head
from kairo.trust.disclosure.proving.keys import Keys
from kairo.trust.disclosure.proving.proofs import Prover
from tests.context.granting.world import NOW
from tests.trust.disclosure.signed import TENANT, leaves, root


async def test_proofs_prove(filled: str, database: Database, folder: Path) -> None:
    prover = Prover(database, Keys(folder, lambda: NOW), lambda: NOW)
    head = await prover.last_head(TENANT)
    assert head is not None
    for seq in (0, 1, 15, 16, 100, 255, 256, 272, 279):
        proof = await prover.inclusion(TENANT, seq)
        path = [bytes.fromhex(one) for one in proof["path"]]
        assert proof["head"]["size"] == 280
        assert tree.includes(head.root, head.size, tree.leaf_hash(proof["row"].encode()), proof["index"], path)
        assert f'"{TENANT}",{seq},' in proof["row"]
    for seq in (280, 299, 300, -1):
        with pytest.raises(ResourceNotFound):
            await prover.inclusion(TENANT, seq)
    kept = await leaves(filled)
    for former, size in ((1, 300), (20, 100), (100, 280), (256, 300), (300, 300)):
        path = await prover.consistency(TENANT, former, size)
        assert tree.continues(root(kept[:former]), former, root(kept[:size]), size, path)


async def test_keys_are_kept_and_change(tmp_path: Path) -> None:
    keys = Keys(tmp_path, lambda: NOW)
    first = keys.current()
    assert keys.current().id == first.id
    (file,) = (tmp_path / "disclosure-keys").iterdir()
    assert file.stat().st_mode & 0o077 == 0
    second = Keys(tmp_path, lambda: NOW.replace(year=2027)).rotate()
    assert keys.current().id == second.id != first.id
    assert set(keys.public()) == {first.id, second.id}


def test_a_head_is_read_as_it_was_written(tmp_path: Path) -> None:
    head = Head.signed(TENANT, 7, NOW, bytes(range(32)), Keys(tmp_path, lambda: NOW).current())
    assert Head.read(head.json()) == head
    for bad in (
        b"",
        b"[]",
        b"{}",
        b"7",
        head.json().replace(b"7", b'"7"', 1),
        head.json().replace(b'"root": "0', b'"root": "x'),
    ):
        with pytest.raises(BadRequestData):
            Head.read(bad)


def test_a_file_that_holds_no_key(tmp_path: Path) -> None:
    keys = Keys(tmp_path, lambda: NOW)
    first = keys.current()
    (tmp_path / "disclosure-keys" / "20990101T000000000000Z-x.pem").write_text("-----BEGIN PUBLIC KEY-----\n")
    with pytest.raises(StartError, match="holds no Ed25519 key"):
        Keys(tmp_path, lambda: NOW).current()
    assert first.id
