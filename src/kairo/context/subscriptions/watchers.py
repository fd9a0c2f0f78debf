"""Which reactions wait for changes of which type? Built once from the manifests."""

from collections.abc import Iterable, Sequence

from kairo.context.gate import DataClass, Declarations
from kairo.platform.manifests import On, Reaction


class ReactionTable:
    """Reactions by entity type. `*` stands for every type that is declared open."""

    def __init__(self, reactions: Iterable[On], declarations: Declarations) -> None:
        self._by_type: dict[str, list[Reaction]] = {}
        opened = [name for name, item in declarations.by_type.items() if item.data_class == DataClass.OPEN.value]
        for on in reactions:
            for name in opened if on.type == "*" else [on.type]:
                self._by_type.setdefault(name, []).append(on.reaction)

    def watch(self, types: Sequence[str]) -> bool:
        """Whether a change of an entity of these types has to be handed to somebody."""
        return any(name in self._by_type for name in types)

    def all(self) -> list[Reaction]:
        """Every reaction once, in the order of the manifests."""
        found: dict[int, Reaction] = {}
        for reactions in self._by_type.values():
            for reaction in reactions:
                found.setdefault(id(reaction), reaction)
        return list(found.values())
