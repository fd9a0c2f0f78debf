"""What of linked entities is kept with a change, and what does it answer? For a q that goes into them (CIM 009 4.9, 5.8.6).

A subscription is triggered by changes of the entities that it selects. Changes of an entity behind their relationships trigger
nothing; of it counts how it was when the change was committed, however late that is told. Names are stored names.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kairo.context.gate import Declarations, Scope
from kairo.context.model.joined import targets
from kairo.context.model.stored import instances
from kairo.context.query import Q, Stamps, matches
from kairo.context.query.evaluate import Answers
from kairo.context.query.tree import Linked, links
from kairo.errors import TooManyResults

# By the name of a relationship the names that are asked behind it; None for an attribute that is only looked at.
Tree = dict[str, "Tree | None"]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A linked entity as it was: of its attributes those that somebody asks about."""

    types: tuple[str, ...]
    doc: Mapping[str, Any]
    stamps: Mapping[str, Mapping[str, Sequence[str]]]
    writer: str
    created_at: str
    modified_at: str
    expires_at: str | None


def tree_of(q: Q | None) -> Tree:
    """Where a q leads."""
    tree: Tree = {}
    for term in links(q) if q is not None else ():
        _grow(tree, term)
    return tree


def _grow(tree: Tree, term: Linked) -> None:
    below = tree.get(term.relation) or {}
    tree[term.relation] = below
    if isinstance(term.inner, Linked):
        _grow(below, term.inner)
    elif not term.inner.path.entity_stamp:
        below.setdefault(term.inner.path.names[0], None)


def merged(trees: Iterable[Tree]) -> Tree:
    """Where any of them leads."""
    found: Tree = {}
    for tree in trees:
        for name, below in tree.items():
            known = found.get(name)
            found[name] = known if below is None else merged([known or {}, below])
    return found


def names_in(tree: Tree) -> Iterator[str]:
    """Every attribute of a linked entity that is looked at or leads on."""
    for below in tree.values():
        yield from below or ()
        yield from names_in(below or {})


def reached(doc: Mapping[str, Any], tree: Tree, known: Mapping[str, Neighbour | None], most: int) -> tuple[list[str], bool]:
    """The ids of the linked entities that a tree leads to, as far as it can be seen by those that are known, nearest first.

    At most `most`; and whether it leads to more.
    """
    found: dict[str, None] = {}
    is_cut = False
    level: dict[tuple[str, int], tuple[Mapping[str, Any], Tree]] = {("", 0): (doc, tree)}
    while level:
        deeper: dict[tuple[str, int], tuple[Mapping[str, Any], Tree]] = {}
        for here, below in level.values():
            for relation, leading in below.items():
                for uri in _uris(here, relation) if leading is not None else ():
                    if uri not in found and len(found) == most:
                        is_cut = True
                        continue
                    found[uri] = None
                    neighbour = known.get(uri)
                    if leading and neighbour is not None:
                        deeper[uri, id(leading)] = (neighbour.doc, leading)
        level = deeper
    return list(found), is_cut


def answers(
    known: Mapping[str, Neighbour], is_cut: bool, doc: Mapping[str, Any], scope: Scope, declarations: Declarations
) -> Answers:
    """What a q gets to hear of linked entities: what the scope may read of them. `doc` is the entity as the scope may read it.

    `is_cut`: the change led to more than are known. Raises TooManyResults where the answer may stand among the others.
    """

    def holds(term: Linked, here: Mapping[str, Any]) -> bool:
        uris = _uris(here, term.relation)
        meets = any(_meets(term, known[uri]) for uri in uris if uri in known)
        if is_cut and not meets and any(uri not in known for uri in uris):
            raise TooManyResults(
                f"the change leads to more linked entities (of {here['id']}) than are looked at for one condition",
                detail_ja="この変更がつながるエンティティが多すぎて、条件を判定できません。",
                mend="Look at the entity itself. For changes to come ask for fewer in q, or have the setting max_linked raised.",
                mend_ja="エンティティを直接確認してください。今後の変更については、q の条件を狭めるか、設定 max_linked を上げてください。",
            )
        return meets != term.negated

    def _meets(term: Linked, one: Neighbour) -> bool:
        if not scope.on(one.types).may_read(declarations.class_of(one.types), one.writer):
            return False
        if term.types and not set(term.types) & set(one.types):
            return False
        hidden = () if scope.reads_personal else declarations.personal(one.types)
        seen = {name: value for name, value in one.doc.items() if name not in hidden}
        if isinstance(term.inner, Linked):
            return holds(term.inner, seen)
        created, modified = datetime.fromisoformat(one.created_at), datetime.fromisoformat(one.modified_at)
        expires = datetime.fromisoformat(one.expires_at) if one.expires_at else None
        return matches(term.inner, seen, Stamps(created, modified, expires, one.stamps))

    return lambda term: holds(term, doc)


def _uris(doc: Mapping[str, Any], relation: str) -> list[str]:
    return [uri for instance in instances(doc.get(relation)) for uri in targets(instance)]
