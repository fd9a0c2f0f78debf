"""Which pages do residents have? What is asked of them and what they agreed to, one consent with its receipt, and giving anew."""

from typing import Any, Final

from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, SkipValidation
from litestar.response import Redirect

from kairo.context.gate import Scope
from kairo.errors import BadRequestData, KairoError, OutOfDate
from kairo.platform.i18n import with_language
from kairo.platform.web import Kit, Page
from kairo.trust.consent import forms, permissions
from kairo.trust.consent.desk import ConsentDesk
from kairo.trust.consent.drawing import Drawer, Trial, receipt_file
from kairo.trust.consent.people import principal_of
from kairo.trust.identity.pages import same_site

PATH: Final = "/me/consents"
_FAMILY: Final = "family"
_MINE = "a resident: their own, and of those for whom they act"

Access = NamedDependency[SkipValidation[Scope]]
Asked = Request[Any, Any, State]
Drawing = NamedDependency[SkipValidation[Kit]]
Frame = NamedDependency[SkipValidation[Page]]
Desk = NamedDependency[SkipValidation[ConsentDesk]]


@get(PATH, media_type=MediaType.HTML, permission=_MINE)
async def show_consents(access: Access, kit: Drawing, page: Frame, consent: Desk) -> Response[str]:
    """What is asked of me, what I agreed to, to whom, until when; one tap to withdraw."""
    permissions.check_resident(access)
    drawer = Drawer(consent, access, kit, page)
    persons = []
    for person in access.persons:
        found = await consent.reader.of_person(access, person)
        persons.append((person, found, await consent.codes.shown(access.tenant, person)))
    to_me = await consent.reader.to_me(access)
    names = await drawer.names(access.persons, [one for _, found, _ in persons for one in found] + to_me)
    return drawer.draw("list", "list", persons=persons, to_me=to_me, names=names, path=PATH)


@post(f"{PATH}/code", status_code=303, permission=_MINE)
async def new_code(request: Asked, access: Access, page: Frame, consent: Desk) -> Redirect:
    """Shows a new code, by which others choose or ask the person for half an hour."""
    same_site(request)
    permissions.check_resident(access)
    person = str((await request.form()).get("person", ""))
    permissions.check_decide(access, person)
    await consent.codes.new(access.tenant, person)
    return _redirect(f"{PATH}#code-{access.persons.index(person) + 1}", page)


@get(f"{PATH}/new", media_type=MediaType.HTML, permission=_MINE)
async def show_new(access: Access, kit: Drawing, page: Frame, consent: Desk) -> Response[str]:
    """Lets family see, or asks them: first the code that the other one shows."""
    permissions.check_resident(access)
    return await Drawer(consent, access, kit, page).first_step(f"{PATH}/new", PATH, {"code": "", "person": ""})


@post(f"{PATH}/new", status_code=200, media_type=MediaType.HTML, permission=_MINE)
async def give_new(request: Asked, access: Access, kit: Drawing, page: Frame, consent: Desk) -> Response[Any]:
    """The next step: whom the code means and what is to be seen; then it is given, or asked for."""
    same_site(request)
    permissions.check_resident(access)
    form = await request.form()
    said = {name: str(form.get(name, ""))[:80] for name in ("act", "code", "person")}
    drawer, person = Drawer(consent, access, kit, page), said["person"] or access.persons[0]
    permissions.check_decide(access, person)
    is_request = said["act"] in ("ask", "asked")
    try:
        text, digest = consent.purposes.open(_FAMILY)
        code, other = await consent.codes.person(access, said["code"])
        _check_two(access, person, other, is_request)
    except KairoError as error:
        return await drawer.first_step(f"{PATH}/new", PATH, said, error)
    trial = None
    if said["act"] in ("given", "asked"):
        try:
            terms = forms.read_terms(form, text)
            if is_request:
                await consent.service.ask_until(access, _FAMILY, code, terms)
                return _redirect(f"{PATH}#to-me", page)
            one = await consent.service.give(access, person, _FAMILY, code, terms)
            return _redirect(f"{PATH}/{one.id}", page)
        except KairoError as error:
            trial = Trial(form, drawer.words(error), error.status)
    offer = forms.choices(text, digest, consent.clock(), form=None if trial is None else trial.form)
    return drawer.draw(
        "choose",
        "ask" if is_request else "give",
        drawer.crumb("list", PATH),
        status=200 if trial is None else trial.status,
        offer=offer,
        code=code,
        person=person,
        other=other,
        names=await drawer.names([person, other]),
        is_request=is_request,
        is_proxy=permissions.is_proxy(access, person),
        error="" if trial is None else trial.words,
        path=f"{PATH}/new",
    )


@get(f"{PATH}/{{id:str}}", media_type=MediaType.HTML, permission=_MINE)
async def show_consent(
    access: Access, kit: Drawing, page: Frame, consent: Desk, id: FromPath[str], words: FromQuery[str] = ""
) -> Response[str]:
    """One consent: its words, what happened to it, and the buttons to answer, change or withdraw it."""
    permissions.check_resident(access)
    detail = await consent.reader.one(access, id)
    return await Drawer(consent, access, kit, page).one(detail, f"{PATH}/{id}", PATH, new_words=words == "new")


@post(f"{PATH}/{{id:str}}", status_code=200, media_type=MediaType.HTML, permission=_MINE)
async def act_on_consent(
    request: Asked, access: Access, kit: Drawing, page: Frame, consent: Desk, id: FromPath[str]
) -> Response[Any]:
    """Gives, refuses, changes or withdraws it."""
    same_site(request)
    permissions.check_resident(access)
    form = await request.form()
    act, service = str(form.get("act", "")), consent.service
    text = (await consent.reader.one(access, id)).shown.text
    try:
        if act == "withdraw":
            await service.withdraw(access, id)
        elif act == "refuse":
            await service.answer(access, id, None)
        elif act == "give":
            await service.answer(access, id, forms.read_terms(form, text))
        elif act == "change":
            await service.change(access, id, forms.read_terms(form, text))
        else:
            raise BadRequestData("there is no such button", detail_ja="このボタンはありません。")
    except (BadRequestData, OutOfDate) as error:
        drawer, detail = Drawer(consent, access, kit, page), await consent.reader.one(access, id)
        new_words = str(form.get("text", detail.shown.consent.terms.text)) != detail.shown.consent.terms.text
        trial = Trial(form if "text" in form else None, drawer.words(error), error.status)
        return await drawer.one(detail, f"{PATH}/{id}", PATH, new_words=new_words, trial=trial)
    return _redirect(f"{PATH}/{id}", page)


@get(f"{PATH}/{{id:str}}/receipt", media_type=MediaType.HTML, permission=_MINE)
async def show_receipt(access: Access, kit: Drawing, page: Frame, consent: Desk, id: FromPath[str]) -> Response[str]:
    """The receipt of a consent, to print."""
    permissions.check_resident(access)
    drawer, detail = Drawer(consent, access, kit, page), await consent.reader.one(access, id)
    above = (drawer.crumb("list", PATH), drawer.crumb("one", f"{PATH}/{id}"))
    return await drawer.receipt(detail, f"{PATH}/{id}/receipt.json", *above)


@get(f"{PATH}/{{id:str}}/receipt.json", permission=_MINE)
async def get_receipt(access: Access, consent: Desk, id: FromPath[str]) -> Response[bytes]:
    """The receipt of a consent, for programs."""
    permissions.check_resident(access)
    return receipt_file(access.tenant, await consent.reader.one(access, id))


def _check_two(access: Scope, person: str, other: str, is_request: bool) -> None:
    """Before anything of the other one is shown."""
    if other == person:
        raise BadRequestData("the two are one person", detail_ja="ご自分自身を相手に選ぶことはできません。")
    if not is_request:
        permissions.check_favour(access, person, principal_of(other))


def _redirect(path: str, page: Page) -> Redirect:
    return Redirect(with_language(path, page.language), status_code=303)


ROUTES = (
    show_consents, new_code, show_new, give_new, show_consent, act_on_consent, show_receipt, get_receipt,
)  # fmt: skip
