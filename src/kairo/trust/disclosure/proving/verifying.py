"""Is the log what it was? Everything is computed again: rows, tree, heads. What was changed, taken out or put in is named.

While one row or hash is wrong, the next ones are compared with what is kept of the tree, so that a single change is named once. What
fits in itself but not to a signed head was changed with all that stands above it: then the rows since the last good head are named.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kairo.platform.db import Database
from kairo.trust.disclosure.proving import store
from kairo.trust.disclosure.proving.heads import Head
from kairo.trust.disclosure.proving.keys import is_signed
from kairo.trust.disclosure.tree import SIZE, SPACING, Tree

CHUNK = 4096
MOST_PROBLEMS = 200
_NOTHING = bytes(SIZE)
PublicKeys = dict[str, Ed25519PublicKey]


@dataclass(slots=True)
class Verified:
    """What was found: how many rows there are, how many heads were compared, and one sentence for each thing that is wrong."""

    tenant: str
    size: int
    heads: int = 0
    signed: int = 0  # rows below this are covered by a good head
    problems: list[str] = field(default_factory=list)


async def verify(
    database: Database, tenant: str, keys: PublicKeys, outside: Sequence[Head], progress: Callable[[int, int], None]
) -> Verified:
    """Verifies a tenant's log. `outside`: heads that somebody kept elsewhere. The program may go on appending meanwhile."""
    async with database.reading(tenant) as connection:
        heads = [
            *await store.heads(connection, tenant),
            *outside,
        ]  # before the size: a head is never of more rows than there are
        stands = await store.stands(connection, tenant)
    checking = _Checking(Verified(tenant, stands.size, len(heads)), keys, heads)
    for first in range(0, stands.size, CHUNK):
        end = min(first + CHUNK, stands.size)
        async with database.reading(tenant) as connection:
            rows, strays = await store.rows(connection, tenant, first, end)
            for level in range(SPACING, 64, SPACING):
                if first >> level == end >> level:
                    break
                checking.nodes[level] = await store.nodes(connection, tenant, level, first >> level, end >> level)
        checking.rows(first, end, rows, strays)
        progress(end, stands.size)
        if len(checking.found.problems) > MOST_PROBLEMS:
            checking.found.problems.append("there may be more; what follows was not looked at")
            return checking.found
    checking.finish(stands)
    async with database.reading(tenant) as connection:
        for what, number in await store.beyond(connection, tenant):
            checking.say(f"row {number}: a {what} was put in behind the end of the log")
    return checking.found


class _Checking:
    """The tree as it grows again from the rows, beside what is kept of it."""

    def __init__(self, found: Verified, keys: PublicKeys, heads: Sequence[Head]) -> None:
        self.found = found
        self.nodes: dict[int, dict[int, bytes]] = {}
        self._tree = Tree()
        self._wrong_from = -1  # the last row that is known to be wrong
        self._heads: dict[int, list[Head]] = {}
        for head in heads:
            if self._is_genuine(head, keys):
                self._heads.setdefault(head.size, []).append(head)

    def say(self, problem: str) -> None:
        """Something is wrong."""
        self.found.problems.append(problem)

    def rows(self, first: int, end: int, rows: dict[int, store.Row], strays: set[int]) -> None:
        """The next rows, as they are stored."""
        if not rows:
            self.say(f"rows {first} to {end - 1}: all of them were taken out")
        for seq in range(first, end):
            row = rows.get(seq)
            if row is None:
                leaf = _NOTHING
                self._wrong_from = seq
                if rows:
                    self.say(f"row {seq}: it was taken out{', its persons were not' if seq in strays else ''}")
            else:
                leaf = row.leaf
                if row.record.leaf() != leaf:
                    self._wrong_from = seq
                    self.say(f"row {seq}: it was changed after it was written")
            self._tree.append(leaf, self._settled)
            for head in self._heads.get(seq + 1, ()):
                self._compare(head)

    def _settled(self, level: int, position: int, computed: bytes) -> bytes:
        kept = self.nodes[level].get(position)
        if kept == computed:
            return computed
        low = position << level
        span = f"rows {low} to {low + (1 << level) - 1}"
        if kept is None:
            self.say(f"{span}: the hash over them was taken out")
            return computed
        if self._wrong_from < low:
            self._wrong_from = low
            self.say(f"{span}: the hash over them is that of other rows: one was changed together with its own hash")
        return kept

    def _compare(self, head: Head) -> None:
        if head.root == self._tree.root():
            self.found.signed = max(self.found.signed, head.size)
            return
        self.say(f"rows {self.found.signed} to {head.size - 1}: other rows were signed on {head.at} (key {head.key})")

    def _is_genuine(self, head: Head, keys: PublicKeys) -> bool:
        name = f"the head of {head.size} rows of {head.at}"
        if head.tenant != self.found.tenant:
            self.say(f"{name}: it is of tenant {head.tenant}, not of {self.found.tenant}")
        elif head.key not in keys:
            self.say(f"{name}: the key {head.key} that signed it is not known here")
        elif not is_signed(keys[head.key], head.said(), head.signature):
            self.say(f"{name}: its signature is not that of the key {head.key}")
        elif head.size > self.found.size:
            self.say(f"{name}: there are only {self.found.size} rows; the last ones were taken out")
        else:
            return True
        return False

    def finish(self, stands: Tree) -> None:
        """Compares the end with where the log says that its tree stands."""
        if self._tree.frontier != stands.frontier and self._wrong_from < self._settled_up_to():
            self.say(f"rows {self._settled_up_to()} to {stands.size - 1}: the tree ends otherwise than the log says")

    def _settled_up_to(self) -> int:
        return self._tree.size >> SPACING << SPACING
