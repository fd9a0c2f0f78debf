"""Is the tree that of RFC 9162, and does a proof prove what it says and nothing else?"""

import hashlib
from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kairo.trust.disclosure.tree import (
    SPACING,
    Tree,
    consistency,
    continues,
    folded,
    includes,
    inclusion,
    kept_below,
    leaf_hash,
    node_hash,
    of_kept,
    subtrees,
)

# The inputs and roots that the implementations of RFC 6962 test each other with.
INPUTS = [
    *("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"),
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [leaf_hash(f"row {number}".encode()) for number in range(200)]


def naive(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 9162 2.1.1, word for word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(naive(leaves[:k]), naive(leaves[k:]))


@cache
def over(low: int, high: int) -> bytes:
    return naive(LEAVES[low:high])


def grown(leaves: Sequence[bytes]) -> Tree:
    tree = Tree()
    for leaf in leaves:
        tree.append(leaf)
    return tree


def test_the_known_vectors() -> None:
    assert Tree().root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    tree = Tree()
    for text, root in zip(INPUTS, ROOTS, strict=True):
        tree.append(leaf_hash(bytes.fromhex(text)))
        assert tree.root().hex() == root


def test_grown_row_by_row_it_is_the_tree_of_the_definition() -> None:
    tree = Tree()
    for size, leaf in enumerate(LEAVES):
        assert tree.root() == over(0, size)
        tree.append(leaf)
        assert Tree.of(tree.size, tree.kept()) == tree


def test_kept_subtrees_are_told_as_they_become_whole() -> None:
    told: dict[tuple[int, int], bytes] = {}
    tree = Tree()
    for leaf in LEAVES * 2:
        tree.append(leaf, lambda level, position, found: told.setdefault((level, position), found))
    whole = {(level, at) for level in (4, 8) for at in range(400 >> level)}
    assert set(told) == whole
    assert told[8, 0] == naive((LEAVES * 2)[:256])
    assert {level % SPACING for level, _ in told} == {0}


def test_inclusion_is_proved_for_every_row_of_every_size() -> None:
    for size in range(1, 201):
        root = over(0, size)
        for index in range(0, size, 1 if size < 70 else 7):
            path = [over(*one) for one in inclusion(index, size)]
            assert includes(root, size, LEAVES[index], index, path), (index, size)
            assert not includes(root, size, LEAVES[index - 1] if size > 1 else LEAVES[1], index, path)
            assert not includes(root, size, LEAVES[index], index, [*path, root])
            assert not path or not includes(root, size, LEAVES[index], index, path[:-1])
            assert index == 0 or not includes(root, size, LEAVES[index], index - 1, path)


def test_consistency_is_proved_for_every_pair_of_sizes() -> None:
    for size in range(1, 201):
        for former in range(1, size + 1, 1 if size < 70 else 3):
            path = [over(*one) for one in consistency(former, size)]
            old, new = over(0, former), over(0, size)
            assert continues(old, former, new, size, path), (former, size)
            other = naive([*LEAVES[: former - 1], leaf_hash(b"another")])
            assert not continues(other, former, new, size, path)
            assert not continues(old, former, other, size, path)


@pytest.mark.parametrize(("former", "size"), [(0, 5), (6, 5), (-1, 5)])
def test_what_is_no_beginning_has_no_proof(former: int, size: int) -> None:
    with pytest.raises(ValueError, match="no beginning"):
        consistency(former, size)
    assert not continues(over(0, 5), former, over(0, 5), size, [])


@pytest.mark.parametrize("index", [-1, 5])
def test_what_is_not_in_the_tree_has_no_proof(index: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion(index, 5)
    assert not includes(over(0, 5), 5, LEAVES[0], index, [])


@given(st.integers(1, 200), st.data())
def test_any_range_of_a_proof_follows_from_a_few_kept_hashes(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    for low, high in inclusion(index, size):
        parts = []
        for level, position in subtrees(low, high):
            below, first, count = kept_below(level, position)
            assert below % SPACING == 0
            assert count <= 8
            parts.append(of_kept([over(at << below, at + 1 << below) for at in range(first, first + count)]))
        assert folded(parts) == over(low, high)


@settings(max_examples=200)
@given(st.integers(2, 200), st.data())
def test_any_change_changes_the_root(size: int, data: st.DataObject) -> None:
    changed = list(LEAVES[:size])
    kind = data.draw(st.sampled_from(["another", "gone", "swapped", "added"]))
    at = data.draw(st.integers(0, size - 2))
    if kind == "another":
        changed[at] = leaf_hash(b"another")
    elif kind == "gone":
        del changed[at]
    elif kind == "swapped":
        changed[at], changed[at + 1] = changed[at + 1], changed[at]
    else:
        changed.insert(at, leaf_hash(b"added"))
    assert grown(changed).root() != over(0, size)
