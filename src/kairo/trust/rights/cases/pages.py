"""Which pages does a resident have for their rights? What they asked for, how it stands and until when, and what was disclosed."""

from typing import Any

import orjson
from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from litestar.response import Redirect

from kairo.context.gate import Scope
from kairo.errors import BadRequestData
from kairo.platform.i18n import with_language
from kairo.platform.web import Kit, Link, Page
from kairo.trust.identity.pages import same_site
from kairo.trust.identity.sessions.session import Session, strong_enough
from kairo.trust.rights.cases.drawing import Drawer, Named, Names, Service, Types, named_in
from kairo.trust.rights.cases.exporting import Export
from kairo.trust.rights.cases.rules import LONGEST_TEXT, Kind
from kairo.trust.rights.cases.service import Asked as Wish
from kairo.trust.rights.cases.service import Cases
from kairo.trust.rights.permissions import AAL, IAL, check_see

PATH = "/me/requests"
Access = NamedDependency[SkipValidation[Scope]]
Drawing = NamedDependency[SkipValidation[Kit]]
Frame = NamedDependency[SkipValidation[Page]]
Signed = NamedDependency[SkipValidation[Session | None]]
Asked = Request[Any, Any, State]
_WHO = "a resident: about themselves, and whom they fully represent"
_STRONG = f"{_WHO}; signed in strongly (AAL {AAL}), with a proofed identity (IAL {IAL})"


@get(PATH, media_type=MediaType.HTML, permission=_WHO)
async def show_requests(
    access: Access, session: Signed, kit: Drawing, page: Frame, cases: Service, entity_types: Types, directory: Named
) -> str:
    """What I asked the city about my data, until when it decides, and the form that asks."""
    check_see(access)
    return await _list(access, session, Drawer(kit, page, entity_types, cases.today()), cases, directory)


@post(PATH, status_code=303, permission=_STRONG)
async def make_request(
    request: Asked,
    access: Access,
    session: Signed,
    kit: Drawing,
    page: Frame,
    cases: Service,
    entity_types: Types,
    directory: Named,
) -> Response[Any]:
    """Asks for disclosure, correction or the end of a use."""
    check_see(access)
    same_site(request)
    form = await request.form()
    said = {name: str(form.get(name, ""))[: 2 * LONGEST_TEXT] for name in ("kind", "person", "item", "text")}
    try:
        id = await cases.ask(access, session, wish_of(said, said["person"] or access.persons[0]))
    except BadRequestData as error:
        words = error.detail if page.language == "en" else (error.detail_ja or error.detail)
        html = await _list(access, session, Drawer(kit, page, entity_types, cases.today()), cases, directory, said, words)
        return Response(html, status_code=error.status, media_type=MediaType.HTML)
    return Redirect(with_language(f"{PATH}/{id}", page.language), status_code=303)


@get(f"{PATH}/{{id:str}}", media_type=MediaType.HTML, permission=_WHO)
async def show_request(
    access: Access, kit: Drawing, page: Frame, cases: Service, entity_types: Types, directory: Named, id: FromPath[str]
) -> str:
    """One request: its progress and deadline, all that happened, who decided what and why, and what to do against it."""
    case = await cases.own(access, id)
    drawer = Drawer(kit, page, entity_types, cases.today())
    names = await directory.names(named_in(case))
    frame = drawer.frame("one", *_crumbs(drawer), kind=drawer.t(f"kind.{case.kind}"))
    return drawer.case("mine", frame, case, names, path=f"{PATH}/{case.id}", longest=LONGEST_TEXT)


@post(f"{PATH}/{{id:str}}", status_code=303, permission=_STRONG)
async def act_on_request(
    request: Asked, access: Access, session: Signed, page: Frame, cases: Service, id: FromPath[str]
) -> Response[Any]:
    """Answers what I was asked, or takes the request back."""
    check_see(access)
    same_site(request)
    form = await request.form()
    action = str(form.get("action", ""))
    if action == "complete":
        await cases.complete(access, session, id, str(form.get("text", "")))
    elif action == "withdraw":
        await cases.withdraw(access, session, id)
    else:
        raise BadRequestData("there is no such button", detail_ja="このボタンはありません。")
    return Redirect(with_language(f"{PATH}/{id}", page.language), status_code=303)


@get(f"{PATH}/{{id:str}}/disclosure", media_type=MediaType.HTML, permission=_STRONG)
async def show_disclosure(
    access: Access,
    session: Signed,
    kit: Drawing,
    page: Frame,
    cases: Service,
    entity_types: Types,
    directory: Named,
    id: FromPath[str],
) -> str:
    """What was disclosed, to read and print."""
    case, found = await cases.disclose(access, session, id)
    drawer = Drawer(kit, page, entity_types, cases.today())
    names = await directory.names(named_of(found))
    crumbs = (*_crumbs(drawer), Link(drawer.t("one.title", kind=drawer.t(f"kind.{case.kind}")), f"{PATH}/{case.id}"))
    return drawer.export(drawer.frame("export", *crumbs), case, found, names, f"{PATH}/{case.id}/disclosure.json")


@get(f"{PATH}/{{id:str}}/disclosure.json", permission=_STRONG)
async def get_disclosure(access: Access, session: Signed, cases: Service, id: FromPath[str]) -> Response[bytes]:
    """What was disclosed, for programs."""
    case, found = await cases.disclose(access, session, id)
    return export_file(case.id, found)


def wish_of(said: dict[str, str], person: str) -> Wish:
    """What a form asks for. Raises BadRequestData."""
    if said["kind"] not in set(Kind):
        raise BadRequestData("choose what you ask for", detail_ja="請求の種類を選んでください。")
    entity, _, attribute = said["item"].partition(" ")
    return Wish(Kind(said["kind"]), person, said["text"], entity, attribute)


def export_file(id: str, found: Export) -> Response[bytes]:
    """The export as a file."""
    headers = {"content-disposition": f'attachment; filename="disclosure-{id}.json"', "cache-control": "no-store"}
    body = orjson.dumps(found.json(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    return Response(body, media_type="application/json", headers=headers)


def named_of(found: Export) -> set[str]:
    """Whose names the readable export shows: those who looked, and who was agreed to."""
    return {look["who"] for look in found.looks} | {one.recipient for one in found.consents} | {found.made_by}


async def _list(
    access: Scope,
    session: Session | None,
    drawer: Drawer,
    cases: Cases,
    directory: Names,
    said: dict[str, str] | None = None,
    wrong: str = "",
) -> str:
    found = [(case, drawer.progress(case)) for case in await cases.of(access)]
    persons = {person: person.replace("urn:ngsi-ld:Resident:", "resident:") for person in access.persons}
    names = await directory.names(persons.values())
    items = [one for person in access.persons for one in drawer.items(await cases.held(access, person))]
    return drawer.kit.render(
        "rights/requests.html",
        drawer.frame("mine", Link(drawer.t("my_page"), "/me")),
        found=found,
        names=names,
        persons=[(person, names.get(principal, "")) for person, principal in persons.items()],
        items=items,
        said=said or {},
        wrong=wrong,
        is_strong=strong_enough(session, aal=AAL, ial=IAL),
        needs_counter=session is not None and session.ial < IAL,
        path=PATH,
        longest=LONGEST_TEXT,
    )


def _crumbs(drawer: Drawer) -> tuple[Link, ...]:
    return Link(drawer.t("my_page"), "/me"), Link(drawer.t("mine.title"), PATH)


ROUTES = (show_requests, make_request, show_request, act_on_request, show_disclosure, get_disclosure)
