"""How does a list that only grows prove what it holds? A Merkle tree as RFC 9162 2.1 has it; pure, nothing is stored here.

    tree = Tree(); tree.append(leaf_hash(row)); tree.root()
    inclusion(7, 100)        which ranges of leaves the proof that row 7 is among 100 is made of
    consistency(60, 100)     which ranges prove that the first 60 of 100 rows are those of the tree of 60

A range (low, high) stands for the hash of the subtree over these leaves. Whole subtrees (2^level leaves from position * 2^level)
never change once they are full: those of every fourth level are kept (`SPACING`), so the hash of any is one short read away.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

SPACING = 4
SIZE = 32  # bytes of a hash
Range = tuple[int, int]
Settled = Callable[[int, int, bytes], bytes]
_EMPTY = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """MTH({d}) of a row."""
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees that stand side by side."""
    return hashlib.sha256(b"\1" + left + right).digest()


def folded(hashes: Sequence[bytes]) -> bytes:
    """The hash over subtrees that get smaller to the right; of none: the hash of the empty tree."""
    if not hashes:
        return _EMPTY
    found = hashes[-1]
    for left in reversed(hashes[:-1]):
        found = node_hash(left, found)
    return found


@dataclass(slots=True)
class Tree:
    """A tree of `size` leaves by the roots of its whole subtrees, the largest first: one for each bit of `size`."""

    size: int = 0
    frontier: list[bytes] = field(default_factory=list)

    @staticmethod
    def of(size: int, frontier: bytes) -> "Tree":
        """The tree that was kept as `kept()`."""
        return Tree(size, [frontier[at : at + SIZE] for at in range(0, len(frontier), SIZE)])

    def kept(self) -> bytes:
        """The frontier as it is stored."""
        return b"".join(self.frontier)

    def append(self, leaf: bytes, settled: Settled | None = None) -> None:
        """Adds a leaf's hash. `settled` is told of each whole subtree of a kept level, and says what to go on with."""
        found, level, position = leaf, 0, self.size
        while position & 1:
            found = node_hash(self.frontier.pop(), found)
            level, position = level + 1, position >> 1
            if settled is not None and level % SPACING == 0:
                found = settled(level, position, found)
        self.frontier.append(found)
        self.size += 1

    def root(self) -> bytes:
        """The tree's hash."""
        return folded(self.frontier)


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def inclusion(index: int, size: int) -> list[Range]:
    """The ranges whose hashes are the inclusion path of leaf `index`, the nearest first (RFC 9162 2.1.3.1)."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    low, high, found = 0, size, list[Range]()
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            found.append((middle, high))
            high = middle
        else:
            found.append((low, middle))
            low = middle
    return found[::-1]


def consistency(former: int, size: int) -> list[Range]:
    """The ranges whose hashes prove that the tree of `former` leaves is the beginning of that of `size` (RFC 9162 2.1.4.1)."""
    if not 0 < former <= size:
        raise ValueError(f"a tree of {former} is no beginning of one of {size}")
    low, high, found, is_whole = 0, size, list[Range](), True
    while high != former:
        middle = low + _split(high - low)
        if former <= middle:
            found.append((middle, high))
            high = middle
        else:
            found.append((low, middle))
            low, is_whole = middle, False
    return found[::-1] if is_whole else [(low, high), *found[::-1]]


def subtrees(low: int, high: int) -> list[tuple[int, int]]:
    """The whole subtrees (level, position) that a range is made of, from the left. A range of a proof has few: its left end
    stands where a subtree begins that is at least as large."""
    found = []
    while low < high:
        level = (high - low).bit_length() - 1
        found.append((level, low >> level))
        low += 1 << level
    return found


def kept_below(level: int, position: int) -> tuple[int, int, int]:
    """(level, first position, how many) of the kept hashes that a whole subtree follows from."""
    deeper = level % SPACING
    return level - deeper, position << deeper, 1 << deeper


def of_kept(hashes: Iterable[bytes]) -> bytes:
    """The hash of a whole subtree from those of 1, 2, 4 or 8 that are kept."""
    level = list(hashes)
    while len(level) > 1:
        level = [node_hash(level[at], level[at + 1]) for at in range(0, len(level), 2)]
    return level[0]


def includes(root: bytes, size: int, leaf: bytes, index: int, path: Sequence[bytes]) -> bool:
    """Whether the path proves that the leaf is the one with this index in the tree (RFC 9162 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, found = index, size - 1, leaf
    for beside in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = node_hash(beside, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, beside)
        node, last = node >> 1, last >> 1
    return last == 0 and found == root


def continues(former_root: bytes, former: int, root: bytes, size: int, path: Sequence[bytes]) -> bool:
    """Whether the path proves that the tree of `former` leaves is the beginning of that of `size` (RFC 9162 2.1.4.2)."""
    if not 0 < former <= size:
        return False
    if former == size:
        return not path and former_root == root
    hashes = [former_root, *path] if former & (former - 1) == 0 else list(path)
    if not hashes:
        return False
    node, last = former - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = hashes[0]
    for beside in hashes[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = node_hash(beside, old), node_hash(beside, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, beside)
        node, last = node >> 1, last >> 1
    return last == 0 and old == former_root and new == root
