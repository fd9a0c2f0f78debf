"""What is worth keeping when memory is bounded? What was used last."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """A cache of bounded weight that drops what was not used for longest. What weighs more than all is not kept."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._weight = 0
        self._entries = OrderedDict[Key, tuple[Value, int]]()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> Value | None:
        """The value, which thereby is the one used last."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        return entry[0]

    def put(self, key: Key, value: Value, *, weight: int = 1) -> None:
        """Keeps the value and drops others until all fit."""
        self._remove(key)
        if weight > self._capacity:
            return
        self._entries[key] = (value, weight)
        self._weight += weight
        while self._weight > self._capacity:
            self._remove(next(iter(self._entries)))

    def drop(self, applies: Callable[[Key, Value], bool]) -> None:
        """Drops every entry to which `applies` says yes."""
        for key in [key for key, (value, _) in self._entries.items() if applies(key, value)]:
            self._remove(key)

    def _remove(self, key: Key) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._weight -= entry[1]
