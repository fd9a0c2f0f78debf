"""What is handed to a person as their data? All that the graph shows of what is about them, with history, consents and who looked.

It is read as the person's own (`persons`), under whoever hands it out: each read is a look with its row in the log. The graph shows what is
about several people only where the reader is, or acts for, all of them: what is about a third person too is withheld (78条1項2号), and how
much that is, by type, is said.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from kairo.context.gate import DataClass, Scope
from kairo.context.graph import Doc, GraphInterface
from kairo.context.model.stored import attributes_of
from kairo.platform.clock import iso
from kairo.trust.consent.rules import Consent
from kairo.trust.rights.cases.store import About

PURPOSE: Final = "rights"
MOST_ENTITIES: Final = 2000
MOST_PAST: Final = 1000  # values of one attribute
_OPEN: Final = frozenset({DataClass.OPEN})


@dataclass(frozen=True, slots=True)
class Held:
    """One entity as it is handed out: what it is, and what its attributes were (`past`: by attribute, the newest first)."""

    id: str
    types: tuple[str, ...]
    doc: Doc
    past: Mapping[str, Sequence[Doc]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Export:
    """Everything about a person. `looks`: when, who (a principal), for which purpose, which types and attributes, on which bases;
    `withheld`: how many entities of which type were left out, in whole or in part, with the article."""

    person: str
    made_at: datetime
    made_by: str
    entities: tuple[Held, ...]
    consents: tuple[Consent, ...]
    looks: tuple[Mapping[str, Any], ...]
    withheld: tuple[tuple[str, int, str], ...]

    def json(self) -> dict[str, Any]:
        """As it is handed out for programs."""
        return {
            "person": self.person,
            "madeAt": iso(self.made_at),
            "madeBy": self.made_by,
            "law": "個人情報の保護に関する法律 76条, 82条, 87条",
            "entities": [
                {"entity": one.doc, "history": {name: list(many) for name, many in one.past.items()}} for one in self.entities
            ],
            "consents": [
                {
                    "id": one.id,
                    "recipient": one.recipient,
                    "purpose": one.purpose,
                    "state": one.state,
                    "categories": list(one.terms.categories),
                    "until": iso(one.terms.until),
                    "since": iso(one.since),
                }
                for one in self.consents
            ],
            "looks": [dict(one) for one in self.looks],
            "withheld": [{"type": kind, "entities": count, "article": article} for kind, count, article in self.withheld],
        }


def scope_for(scope: Scope, person: str) -> Scope:
    """What whoever hands it out reads with: as the person, for this purpose, and nothing else that they may read."""
    return Scope(scope.tenant, scope.principal, PURPOSE, read_classes=_OPEN, by_grants=True, persons=(person,), read_only=True)


async def export(
    graph: GraphInterface,
    scope: Scope,
    person: str,
    about: Sequence[About],
    withheld: Collection[str],
    now: datetime,
    *,
    consents: Sequence[Consent],
    looks: Sequence[Mapping[str, Any]],
) -> Export:
    """Everything. `about`: all entities about the person; `withheld`: types that the decision left out."""
    mine = scope_for(scope, person)
    decided = Counter(" ".join(one.types) for one in about if set(one.types) & set(withheld))
    wanted = [one for one in about if not set(one.types) & set(withheld)]
    shown = await graph.get_many(mine, [one.id for one in wanted])
    entities, others = [], Counter[str]()
    for one in wanted:
        doc = shown.get(one.id, {})
        names = sorted(attributes_of(doc))
        if doc:
            past = {name: await graph.history(mine, one.id, name, limit=MOST_PAST) for name in names}
            entities.append(Held(one.id, one.types, doc, past))
        if not set(one.present) <= set(names):
            others[" ".join(one.types)] += 1
    left_out = (
        *((kind, count, "78条1項2号") for kind, count in sorted(others.items())),
        *((kind, count, "82条1項") for kind, count in sorted(decided.items())),
    )
    return Export(person, now, scope.principal, tuple(entities), tuple(consents), tuple(looks), left_out)


def correcting(scope: Scope) -> Scope:
    """What a correction is written with: personal data, by whoever decided it."""
    return replace(scope, purpose=PURPOSE, write_classes=frozenset({DataClass.PERSONAL, DataClass.OPEN}), read_only=False)
