"""What of the rows of `entity` does a statement show to its asker? The source, the condition and the document, as SQL.

Two ways: by class (a row is seen when its class is among the scope's, or when it is undeclared and the asker wrote it; what is
withheld is cut off), and for askers whom something may be granted by class and by grants (docs/adr/0018). Parameters: `$1` the
tenant, `$3` to `$6` the scope (`arguments`), and by grants `$7` the time. Whoever is granted nothing pays nothing for grants.

By grants, a personal entity is seen as soon as one of its attributes is released, and an attribute is released when each of the
persons whom it is about is the asker, or covered by a grant to the asker for the purpose at this time; or when a grant covers
the entity's area, or the role in which the asker stands to it. What no person is named for is covered by the latter two only; what is
about a person whom nothing may reveal (`shielded_person`), never by them.
"""

from dataclasses import dataclass
from typing import Any, Final

from kairo.context.gate import Scope
from kairo.platform.db import PLANNED_ONCE

# A grant to the asker ($5) for the purpose (first of $6) at this time ($7), that speaks of the entity's types.
_TO_ASKER: Final = (
    "g.tenant = $1 AND g.principal = $5 AND g.purpose = ($6::text[])[1] AND g.since <= $7 AND g.until > $7"
    " AND g.types && string_to_array({alias}.type_key, ' ')"
)
_IN_AREA: Final = (  # '': the whole municipality, entities that say no scope included
    "(g.area = '' OR EXISTS (SELECT FROM unnest({alias}.scopes) AS p(scope) WHERE p.scope = g.area OR starts_with(p.scope, g.area || '/')))"
)
_IN_ROLE: Final = (
    "EXISTS (SELECT FROM entity_subject r WHERE r.tenant = $1 AND r.entity = {alias}.id AND r.is_now AND r.role = g.relation"
    " AND r.subject = ANY (($6::text[])[2:]))"
)
# Which of the closed attributes (`c.names`) stay hidden. `held`: the names that are granted (`*`: all) of each person an attribute is
# about. `when`: today, or ever.
_HIDDEN: Final = f"""(
WITH held AS MATERIALIZED (
    SELECT s.attribute, CASE WHEN s.subject = ANY (($6::text[])[2:]) THEN '{{{{*}}}}'::text[] ELSE ARRAY(
        SELECT unnest(coalesce(g.attributes, '{{{{*}}}}')) FROM access_grant g WHERE {_TO_ASKER} AND g.subject = s.subject
    ) END AS names, EXISTS (SELECT FROM shielded_person x WHERE x.tenant = $1 AND x.subject = s.subject) AS is_shielded
    FROM entity_subject s WHERE s.tenant = $1 AND s.entity = {{alias}}.id{{when}}
), wide AS MATERIALIZED (
    SELECT ARRAY(
        SELECT unnest(coalesce(g.attributes, '{{{{*}}}}')) FROM access_grant g
        WHERE {_TO_ASKER} AND g.subject IS NULL AND (g.area IS NULL OR {_IN_AREA}) AND (g.relation IS NULL OR {_IN_ROLE})
    ) AS names
)
SELECT ARRAY(
    SELECT k.name FROM unnest(c.names) AS k(name) CROSS JOIN wide w LEFT JOIN held h ON h.attribute IN ('*', k.name)
    GROUP BY k.name, w.names
    HAVING NOT (w.names && ARRAY['*', k.name] AND NOT coalesce(bool_or(h.is_shielded), false)) AND NOT coalesce(bool_and(h.names && ARRAY['*', k.name]), false)
))"""
_TODAY: Final = " AND s.is_now"
# OFFSET 0: what is hidden is found out once a row, and not anew for each condition that looks at the document.
_SOURCE: Final = f"""entity {{alias}} CROSS JOIN LATERAL (
    SELECT c.names AS closed, CASE WHEN c.names = '{{{{}}}}' THEN c.names ELSE {_HIDDEN} END AS hidden
    FROM (SELECT CASE WHEN {{alias}}.data_class = 'personal'
          THEN ARRAY(SELECT k FROM jsonb_object_keys({{alias}}.doc) AS k WHERE k NOT IN ('id', 'type'))
          ELSE {{alias}}.withheld END AS names OFFSET 0) AS c
    OFFSET 0
) AS {{alias}}_of"""


_LIMITED: Final = "="  # stands before a type among the classes of $3, and alone where a scope names types at all


def _of_types(alias: str) -> str:
    """The condition that all types of the row are among those that the scope names."""
    return f"string_to_array('=' || replace({alias}.type_key, ' ', ' ='), ' ') <@ $3::text[]"


def of_types_if_limited(alias: str) -> str:
    """The same for statements that serve scopes with and without types."""
    return f"('=' <> ALL ($3::text[]) OR {_of_types(alias)})"


def hidden_of_the_past(alias: str) -> str:
    """The expression for those of `c.names` that stay hidden in the past of a row: whom they have ever been about counts."""
    return _HIDDEN.format(alias=alias, when="")


@dataclass(frozen=True, slots=True)
class Seeing:
    """How statements of one kind of asker see entities. `alias` is that of the row in the statement."""

    by_grants: bool
    by_types: bool = False

    @property
    def hint(self) -> str:
        """What the statement begins with: to plan the join of grants anew each time took as long as the read itself."""
        return PLANNED_ONCE if self.by_grants else ""

    @property
    def last_type(self) -> str:
        """The type of `$6`, for a statement that may not look at it otherwise."""
        return "text[]" if self.by_grants else "boolean"

    def source(self, alias: str = "e") -> str:
        """What stands behind FROM."""
        return _SOURCE.format(alias=alias, when=_TODAY) if self.by_grants else f"entity {alias}"

    def seen(self, alias: str = "e") -> str:
        """The condition that the asker sees the row."""
        by_class = f"{alias}.data_class = ANY($3::text[]) OR ($4 AND {alias}.data_class = 'undeclared' AND {alias}.writer = $5)"
        kinds = f" AND {_of_types(alias)}" if self.by_types else ""
        if not self.by_grants:
            return f"(({by_class}){kinds})"
        released = f"{alias}.data_class = 'personal' AND cardinality({alias}_of.hidden) < cardinality({alias}_of.closed)"
        return f"(({by_class} OR ({released})){kinds})"

    def doc(self, alias: str = "e") -> str:
        """The document without what the asker may not read."""
        if self.by_grants:
            return f"(CASE WHEN {alias}_of.hidden = '{{}}' THEN {alias}.doc ELSE {alias}.doc - {alias}_of.hidden END)"
        return f"(CASE WHEN $6 OR {alias}.withheld = '{{}}' THEN {alias}.doc ELSE {alias}.doc - {alias}.withheld END)"

    def modified_at(self, alias: str = "e") -> str:
        """When the entity was modified, as far as the asker may know: what is hidden does not show by its time either."""
        raw, hidden = f"{alias}.modified_at", f"{alias}_of.hidden" if self.by_grants else f"{alias}.withheld"
        last = (
            f"(SELECT greatest({alias}.created_at, max((i.value ->> 1)::timestamptz))"
            f" FROM jsonb_each({alias}.stamps) AS a CROSS JOIN LATERAL jsonb_each(a.value) AS i WHERE a.key <> ALL ({hidden}))"
        )
        whole = f"{hidden} = '{{}}'" if self.by_grants else f"$6 OR {hidden} = '{{}}'"
        return f"(CASE WHEN {whole} THEN {raw} ELSE {last} END)"

    def arguments(self, scope: Scope) -> tuple[Any, ...]:
        """Parameters `$3` to `$6`: classes, own undeclared rows, principal; by class whether personal attributes are read, by
        grants the purpose and the persons whom the asker is or acts for."""
        last: Any = [scope.purpose, *scope.persons] if self.by_grants else scope.reads_personal
        kinds = [] if scope.types is None else [_LIMITED, *(f"{_LIMITED}{name}" for name in sorted(scope.types))]
        return ([*sorted(scope.read_classes), *kinds], scope.own_undeclared, scope.principal, last)


BY_CLASS: Final = Seeing(by_grants=False)
BY_GRANTS: Final = Seeing(by_grants=True)
LIMITED_BY_CLASS: Final = Seeing(by_grants=False, by_types=True)
LIMITED_BY_GRANTS: Final = Seeing(by_grants=True, by_types=True)


def seeing_of(scope: Scope) -> Seeing:
    """The way for this asker. Whoever reads personal data anyway needs no grants."""
    if scope.by_grants and not scope.reads_personal:
        return BY_GRANTS if scope.types is None else LIMITED_BY_GRANTS
    return BY_CLASS if scope.types is None else LIMITED_BY_CLASS
