"""Which pages does the counter have? A clerk enters what a person signed, looks at it a second time, and prints the receipt.

What names a person travels in forms, never in an address: addresses stand in logs and in the browser's memory.
"""

from typing import Any, Final

from litestar import MediaType, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from kairo.errors import BadRequestData, KairoError
from kairo.platform.i18n import with_language
from kairo.trust.consent import forms, permissions
from kairo.trust.consent.drawing import Drawer, Trial, receipt_file
from kairo.trust.consent.pages import Access, Asked, Desk, Drawing, Frame
from kairo.trust.consent.people import person_with, principal_of
from kairo.trust.consent.rules import Act
from kairo.trust.identity.pages import same_site

PATH: Final = "/console/consents"
_STAFF = "staff on duty for consents at the counter, and the administrator"
_RECORDED = "the member of staff who entered it"
_ACTS: Final = {"give": Act.GIVE, "refuse": Act.REFUSE, "ask": Act.ASK}
_FIELDS: Final = ("purpose", "person", "recipient", "evidence", "act", "step", "id")
_NOTHING: Final = dict.fromkeys(_FIELDS, "")


@get(PATH, media_type=MediaType.HTML, permission=_STAFF)
async def show_counter(access: Access, kit: Drawing, page: Frame, consent: Desk, purpose: FromQuery[str] = "") -> Response[str]:
    """Consents at the counter: for which purpose, or whose."""
    permissions.check_record(access)
    drawer = Drawer(consent, access, kit, page)
    if not purpose:
        return drawer.draw("counter", "counter", purposes=consent.purposes.all(), error="", said=_NOTHING, path=PATH)
    text, digest = consent.purposes.open(purpose)
    return await _form(drawer, forms.choices(text, digest, consent.clock()), _NOTHING)


@post(PATH, status_code=200, media_type=MediaType.HTML, permission=_STAFF)
async def act_at_counter(request: Asked, access: Access, kit: Drawing, page: Frame, consent: Desk) -> Response[Any]:
    """Shows what is to be entered once more, enters it, looks a person's consents up, or enters a withdrawal."""
    same_site(request)
    permissions.check_record(access)
    form = await request.form()
    said = {name: str(form.get(name, ""))[:300].strip() for name in _FIELDS}
    drawer = Drawer(consent, access, kit, page)
    person = person_with(said["person"])
    if said["step"] in ("list", "withdraw"):
        try:
            if said["step"] == "withdraw":
                one = await consent.service.withdraw_on_paper(access, person, said["id"], said["evidence"])
                return Redirect(with_language(f"{PATH}/{one.id}", page.language), status_code=303)
            return await _list(drawer, person, said)
        except KairoError as error:
            words, purposes = drawer.words(error), consent.purposes.all()
            return drawer.draw("counter", "counter", status=error.status, purposes=purposes, error=words, said=said, path=PATH)
    text, digest = consent.purposes.open(said["purpose"])
    recipient = principal_of(person_with(said["recipient"])) if text.audience == "family" else said["recipient"]
    try:
        terms = forms.read_terms(form, text)
        if said["step"] == "record":
            if said["act"] not in _ACTS:
                raise BadRequestData("there is no such button", detail_ja="このボタンはありません。")
            act = _ACTS[said["act"]]
            one = await consent.service.record(access, act, person, recipient, text.id, terms, said["evidence"])
            return Redirect(with_language(f"{PATH}/{one.id}", page.language), status_code=303)
        await consent.service.check_paper(access, person, recipient, text.id, terms, said["evidence"])
    except KairoError as error:
        trial = Trial(form, drawer.words(error), error.status)
        return await _form(drawer, forms.choices(text, digest, consent.clock(), form=form), said, trial)
    offer = forms.choices(text, digest, consent.clock(), form=form)
    names = await drawer.names([person, recipient] if text.audience == "family" else [person])
    return drawer.draw(
        "second_look", "second_look", drawer.crumb("counter", PATH),
        offer=offer, terms=terms, said=said, names=names, person=person, recipient=recipient, path=PATH,
    )  # fmt: skip


@get(f"{PATH}/{{id:str}}", media_type=MediaType.HTML, permission=_RECORDED)
async def show_entered(access: Access, kit: Drawing, page: Frame, consent: Desk, id: FromPath[str]) -> Response[str]:
    """The receipt of what this clerk entered, to print."""
    detail = await consent.reader.recorded(access, id)
    drawer = Drawer(consent, access, kit, page)
    return await drawer.receipt(detail, f"{PATH}/{id}/receipt.json", drawer.crumb("counter", PATH))


@get(f"{PATH}/{{id:str}}/receipt.json", permission=_RECORDED)
async def get_entered(access: Access, consent: Desk, id: FromPath[str]) -> Response[bytes]:
    """The receipt of what this clerk entered, for programs."""
    return receipt_file(access.tenant, await consent.reader.recorded(access, id))


async def _form(drawer: Drawer, offer: forms.Choices, said: dict[str, str], trial: Trial | None = None) -> Response[str]:
    return drawer.draw(
        "paper", "paper", drawer.crumb("counter", PATH),
        status=200 if trial is None else trial.status,
        offer=offer, said=said, error="" if trial is None else trial.words, path=PATH,
    )  # fmt: skip


async def _list(drawer: Drawer, person: str, said: dict[str, str]) -> Response[str]:
    found = await drawer.desk.reader.at_counter(drawer.access, person)
    names = await drawer.names([person], found)
    above = drawer.crumb("counter", PATH)
    return drawer.draw("person", "person", above, found=found, names=names, person=person, said=said, path=PATH)


ROUTES = (show_counter, act_at_counter, show_entered, get_entered)
