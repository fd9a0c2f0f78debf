"""What follows from a decision for the data? A corrected value in the graph; consents, grants and subscriptions that end."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from kairo.context.gate import Scope
from kairo.context.granting import withdraw
from kairo.context.graph import Doc, GraphInterface
from kairo.context.reading import content_of, instances_of
from kairo.context.subscriptions.keeping import store as subscriptions
from kairo.errors import BadRequestData
from kairo.platform.db import Database, Unit
from kairo.trust.identity.principals import PERSON
from kairo.trust.recording import record
from kairo.trust.rights.cases import reading, rules, store
from kairo.trust.rights.cases.exporting import MOST_ENTITIES, PURPOSE, correcting, scope_for
from kairo.trust.rights.cases.rules import Case


class Consents(Protocol):
    """Takes consents back. Implemented by consent."""

    async def withdraw(self, scope: Scope, id: str) -> Any:
        """Takes one back, for the person whom the scope acts for."""
        ...


async def check_about(unit: Unit, person: str, entity: str, attribute: str, now: datetime) -> None:
    """Raises BadRequestData unless this attribute is there and about the person."""
    about = await store.about(unit.connection, unit.tenant, person, now, MOST_ENTITIES)
    if not any(one.id == entity and attribute in one.present and {"*", attribute} & one.mine for one in about):
        raise BadRequestData(
            "choose what is to be corrected from what is held about the person",
            detail_ja="訂正する項目を、登録されている情報から選んでください。",
        )


async def correct(graph: GraphInterface, scope: Scope, case: Case, said: str) -> str:
    """Writes the corrected value, of the kind that stands there; what was done, in words. Raises BadRequestData."""
    if not case.entity or case.entity.startswith(PERSON):
        raise BadRequestData(
            "this comes from an account, or from elsewhere: correct it there, then decide without a value",
            detail_ja="氏名などは元の台帳から写しています。台帳を訂正してから、値を入れずに決定してください。",
        )
    held = await graph.get(scope_for(scope, case.person), case.entity)
    instances = instances_of(held, case.attribute) if held else []
    if held is None or len(instances) != 1 or instances[0]["type"] != "Property":
        raise BadRequestData(
            "only a single value can be corrected here: correct it where it comes from, then decide without a value",
            detail_ja="この項目はここでは訂正できません。元の台帳を訂正してから、値を入れずに決定してください。",
        )
    value = _like(content_of(instances[0]), rules.checked_text(said))
    fragment: Doc = {"id": case.entity, "type": held["type"], case.attribute: {**instances[0], "value": value}}
    (written,) = await graph.update(correcting(scope), [fragment])
    if written.error is not None:
        raise written.error
    return f"corrected {case.attribute}"


async def end_consents(
    database: Database, consents: Consents, scope: Scope, case: Case, purposes: Collection[str]
) -> list[str]:
    """Ends the consents of the person for these purposes (none named: all); what was ended."""
    async with database.reading(scope.tenant) as connection:
        given = await reading.consents_given(connection, scope.tenant, case.person)
    ended = [one for one in given if not purposes or one.purpose in purposes]
    for one in ended:
        await consents.withdraw(replace(scope, persons=(case.person,)), one.id)
    return [f"consent:{one.id}" for one in ended]


async def end_grants(unit: Unit, scope: Scope, case: Case, purposes: Collection[str], now: datetime) -> list[str]:
    """Ends subscriptions that name what is about the person, withdraws what is still granted of them for these purposes, and sets the mark;
    what was ended."""
    granted = await store.grants_about(unit.connection, unit.tenant, case.person)
    ending = [one for one in granted if not purposes or one[2] in purposes]
    readers = {(who, purpose) for _, who, purpose, _ in ending}
    did = []
    for id in await store.subscriptions_about(unit.connection, unit.tenant, case.person, readers):
        await subscriptions.take_turn(unit.connection, unit.tenant)
        await subscriptions.delete(unit.connection, unit.tenant, id)
        await record(unit, now, by=scope.principal, purpose=PURPOSE, did="delete-subscription", what=id)
        did.append(f"subscription:{id}")
    for id, _, _, basis in ending:
        await withdraw(unit, id, now, by=scope.principal, purpose=PURPOSE)
        did.append(f"grant:{basis}")
    await store.stop(unit.connection, unit.tenant, case.person, case.id, purposes, now, scope.principal)
    return did


def _like(present: Any, said: str) -> Any:
    """The value that was said, of the kind that stands there. Raises BadRequestData."""
    try:
        if isinstance(present, bool):
            return {"true": True, "false": False}[said]
        if isinstance(present, int | float):
            return int(said) if said.lstrip("-").isdigit() else float(said)
    except (KeyError, ValueError):
        raise BadRequestData(
            f"{said[:80]!r} is not of the kind that stands there", detail_ja="値の形が元の値と合いません。"
        ) from None
    if not isinstance(present, str):
        raise BadRequestData(
            "only texts, numbers and yes or no are corrected here", detail_ja="この項目はここでは訂正できません。"
        )
    return said
