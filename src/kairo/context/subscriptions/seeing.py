"""What of a change may its subscriber see at this moment? By the classes of the scope, and by what was granted (docs/adr/0018)."""

from kairo.context.gate import DataClass, Declarations, Scope
from kairo.context.granting.released import Past
from kairo.context.granting.store import held, shielded
from kairo.context.model.stored import ENTITY_NAMES
from kairo.context.query.seeing import seeing_of
from kairo.context.query.statements import Reading
from kairo.context.subscriptions.delivery.events import Event
from kairo.platform.clock import Clock

_NOTHING: frozenset[str] = frozenset()
_ALWAYS = ("id", "type")


class Eyes:
    """One for a process that delivers."""

    def __init__(self, database: Reading, declarations: Declarations, clock: Clock) -> None:
        self._database = database
        self._declarations = declarations
        self._clock = clock

    async def hidden(self, event: Event, scope: Scope) -> frozenset[str] | None:
        """The attributes that the subscriber is not told of; None where it is not told of the entity at all."""
        types = event.types
        scope = scope.on(types)
        data_class = self._declarations.class_of(types)
        by_class = scope.may_read(data_class, event.writer)
        if scope.reads_personal and by_class:
            return _NOTHING
        present = {*event.doc, *(change.attribute for change in event.changes)} - set(_ALWAYS)
        is_personal = data_class is DataClass.PERSONAL
        closed = present if is_personal else present & self._declarations.personal(types)
        if not is_personal and not by_class:
            return None
        if not closed or not seeing_of(scope).by_grants:
            return None if is_personal else frozenset(closed)
        before = [(change.attribute, change.previous) for change in event.changes if change.previous is not None]
        then = Past(event.entity, types, event.doc, [one for one in before if one[0] not in ENTITY_NAMES], self._declarations)
        grants = await held(self._database, scope, self._clock(), then.persons)
        hidden = then.hidden(closed, scope, grants, await shielded(self._database, scope.tenant, then.persons))
        return None if is_personal and hidden >= closed else hidden
