"""What does the counter do? It finds a resident by name and birth date exactly, records mandates on paper and what happened to someone,
and gives a new way to sign in to who lost theirs. Whoever may not be found is answered like nobody, and each look is on the record.
"""

from typing import Any

from litestar import MediaType, Response, get, post

from kairo.context.gate import Look, Scope
from kairo.errors import AlreadyExists, BadRequestData, ResourceNotFound
from kairo.platform.i18n import with_language
from kairo.platform.web import Kit, Page
from kairo.trust.identity.accounts import rules
from kairo.trust.identity.accounts.account import Account
from kairo.trust.identity.accounts.rules import Event, State
from kairo.trust.identity.handling import Access, Asked, Drawing, Frame, Known, Visitor, chosen, form_of, framed
from kairo.trust.identity.mandates.pages import Parts, kind_of, titles_of, until_of
from kairo.trust.identity.mandates.rules import BY_LAW, Kind, unknown
from kairo.trust.identity.permissions import COUNTER, check
from kairo.trust.identity.service import Identity
from kairo.trust.identity.signin.enrol_pages import picture
from kairo.trust.identity.signin.relying_party import RelyingParty

PATH = "/console/people"
SEEN = ("birthDate", "district", "name", "nameKana")  # what a clerk sees of a resident here
_COUNTER_PROOF = 2  # the IAL of who showed a card at the counter


@get(PATH, media_type=MediaType.HTML, permission="staff whose duty includes the counter")
async def show_people(access: Access, kit: Drawing, page: Frame, identity: Known, session: Visitor) -> str:
    """The form by which the counter finds a resident."""
    await check(identity.powers, access, session, COUNTER)
    return _drawn(kit, page, {})


@post(PATH, status_code=200, media_type=MediaType.HTML, permission="staff whose duty includes the counter")
async def act_on_people(
    request: Asked, access: Access, kit: Drawing, page: Frame, identity: Known, session: Visitor, manifests: Parts
) -> Response[Any]:
    """Finds a resident, and does what the clerk was asked for."""
    form = await form_of(request)
    clerk = (await check(identity.powers, access, session, COUNTER)).principal.id
    shown: dict[str, Any] = {}
    try:
        if form.get("action") == "find":
            found = await _exactly(identity, form, "")
        else:
            person = await _person(identity, form.get("key", ""))
            shown = await _done(request, identity, form, person, clerk, page)
            found = [await identity.accounts.get(person.key)]
        if identity.witness is not None and found:
            await identity.witness.saw(access, [Look(one.person, ("Resident",), SEEN) for one in found])
        shown["found"] = [await _about(identity, one, access) for one in found]
        status = 200
    except (BadRequestData, ResourceNotFound, AlreadyExists) as error:
        shown, status = {"refused": error}, error.status
    shown["titles"] = titles_of(identity.mandates.types, manifests, page.language)
    return Response(_drawn(kit, page, form, **shown), status_code=status, media_type=MediaType.HTML)


async def _done(
    request: Asked, identity: Identity, form: dict[str, str], person: Account, clerk: str, page: Page
) -> dict[str, Any]:
    action, reason = form.get("action", ""), form.get("reason", "")
    if action == "enrol":
        secret = await identity.enrolment.issue(person.key, by=clerk, reason=reason)
        if person.ial < _COUNTER_PROOF:
            await identity.accounts.proofed(person.key, _COUNTER_PROOF, by=clerk, reason=reason)
        link = link_of(identity.passkeys.party, page, secret)
        return {"notice": "enrolled", "link": link, "qr": picture(link), "hours": identity.settings.enrolment_hours}
    if action == "mandate":
        (proxy,) = await _exactly(identity, form, "proxy_", only=True)
        kind = kind_of(form.get("kind", ""), *Kind)
        await identity.mandates.make(
            kind, person=person.key, proxy=proxy.key, by=clerk, until=until_of(form),
            types=[] if kind in BY_LAW else await chosen(request, "types"), evidence=form.get("evidence", ""),
        )  # fmt: skip
        return {"notice": "made"}
    if action == "end-mandate":
        await identity.mandates.end(form.get("id", ""), by=clerk, is_counter=True, about=person.key, reason=_needed(reason))
        return {"notice": "ended"}
    if action in set(Event):
        await identity.accounts.happen(person.key, Event(action), by=clerk, reason=_needed(reason))
        return {"notice": "happened"}
    raise BadRequestData("there is no such button", detail_ja="このボタンはありません。")


def link_of(party: RelyingParty, page: Page, secret: str) -> str:
    """The address that the counter hands over: at the origin to which passkeys belong."""
    return f"{party.origin}{with_language('/enrol', page.language)}?code={secret}"


def _needed(reason: str) -> str:
    if not reason.strip():
        raise BadRequestData("say why, and what was seen", detail_ja="理由と確認した書類を入力してください。")
    return " ".join(reason.split())[:200]


async def _exactly(identity: Identity, form: dict[str, str], prefix: str, *, only: bool = False) -> list[Account]:
    """Those of the name and birth date of a form; ResourceNotFound where there is nobody, or more than one and `only` one is meant."""
    year, month, day = (form.get(f"{prefix}born_{part}", "") for part in ("year", "month", "day"))
    born_on = rules.born(year, month, day, identity.clock())
    found = await identity.accounts.exactly(form.get(f"{prefix}name", ""), born_on)
    if not found or (only and len(found) > 1):
        raise unknown()
    return found


async def _person(identity: Identity, key: str) -> Account:
    """Someone whom the counter found before: they must still be among those whom one may find."""
    found = (await identity.accounts.many([key])).get(key)
    if found is None or found.kind != "resident" or found.is_protected or not rules.may_sign_in(found.kind, found.status):
        raise unknown()
    return found


async def _about(identity: Identity, account: Account, access: Scope) -> dict[str, Any]:
    now = identity.clock()
    mandates = [one for one in await identity.mandates.of(account.key) if one.in_force(now)]
    others = await identity.accounts.many({key for one in mandates for key in (one.person, one.proxy)})
    state = State(account.kind, account.status, account.has_guardian)
    return {
        "account": account,
        "age": rules.age(account.born_on, now) if account.born_on else None,
        "passkeys": len(await identity.passkeys.of(account)),
        "mandates": mandates,
        "names": {key: one.name for key, one in others.items() if not one.is_protected},
        "events": [event.value for event in Event if rules.may_happen(state, event)],
    }


def _drawn(kit: Kit, page: Page, given: dict[str, str], **shown: Any) -> str:
    rest: dict[str, Any] = {"found": (), "refused": None, "notice": "", "link": "", "titles": {}}
    return kit.render(
        "identity/people.html", framed(kit, page, "people", "console"), path=PATH, given=given, **{**rest, **shown}
    )
