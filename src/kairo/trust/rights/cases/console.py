"""Which pages do staff have for requests? What waits with its deadline, the form of the counter, and one request with its decision."""

from typing import Any

from litestar import MediaType, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath
from litestar.response import Redirect

from kairo.errors import BadRequestData
from kairo.platform.i18n import with_language
from kairo.platform.web import Link
from kairo.trust.identity.pages import same_site
from kairo.trust.identity.principals import PERSON
from kairo.trust.rights import permissions
from kairo.trust.rights.cases import rules
from kairo.trust.rights.cases.deadlines import EXTENSION_DAYS
from kairo.trust.rights.cases.drawing import Drawer, Named, Names, Service, Types, named_in
from kairo.trust.rights.cases.pages import Access, Asked, Drawing, Frame, export_file, named_of, wish_of
from kairo.trust.rights.cases.rules import Act, Kind
from kairo.trust.rights.cases.service import Cases, Decision
from kairo.trust.roles.pages import INBOX

PATH = "/console/requests"
_RECORDS = "staff whose duty includes rights, or the counter; the administrator"
_DECIDES = "staff whose duty includes rights; the administrator"


@get(PATH, media_type=MediaType.HTML, permission=_RECORDS)
async def show_all(access: Access, kit: Drawing, page: Frame, cases: Service, entity_types: Types, directory: Named) -> str:
    """Requests that wait, with their deadlines; and the form by which the counter records one."""
    return await _list(access, Drawer(kit, page, entity_types, cases.today()), cases, directory)


@post(PATH, status_code=303, permission=_RECORDS)
async def record_request(
    request: Asked, access: Access, kit: Drawing, page: Frame, cases: Service, entity_types: Types, directory: Named
) -> Response[Any]:
    """Records what somebody asks for at the counter."""
    permissions.check_record(await cases.powers.standing(access))
    same_site(request)
    form = await request.form()
    said = {name: str(form.get(name, ""))[: 2 * rules.LONGEST_TEXT] for name in ("kind", "person", "item", "text", "evidence")}
    try:
        await cases.record_paper(access, wish_of(said, f"{PERSON}{said['person'].strip()[:64]}"), said["evidence"])
    except BadRequestData as error:
        words = error.detail if page.language == "en" else (error.detail_ja or error.detail)
        html = await _list(access, Drawer(kit, page, entity_types, cases.today()), cases, directory, said, words)
        return Response(html, status_code=error.status, media_type=MediaType.HTML)
    return Redirect(with_language(f"{PATH}#recorded", page.language), status_code=303)


@get(f"{PATH}/{{id:str}}", media_type=MediaType.HTML, permission=_DECIDES)
async def show_one(
    access: Access, kit: Drawing, page: Frame, cases: Service, entity_types: Types, directory: Named, id: FromPath[str]
) -> str:
    """One request with all that a decision needs, and the forms that ask, extend and decide."""
    case = await cases.one(access, id)
    about, grants, in_time = await cases.facts(access, case)
    drawer = Drawer(kit, page, entity_types, cases.today())
    names = await directory.names(named_in(case) | {who for _, who, _, _ in grants})
    crumbs = (Link(kit.catalogue.translate(page.language, "roles.inbox.title"), INBOX), Link(drawer.t("all.title"), PATH))
    kinds = sorted({kind for one in about for kind in one.types})
    return drawer.case(
        "decide", drawer.frame("one", *crumbs, kind=drawer.t(f"kind.{case.kind}")), case, names,
        path=f"{PATH}/{case.id}", types=[(kind, drawer.type_names([kind])) for kind in kinds], grants=grants, in_time=in_time,
        purposes=sorted({purpose for _, _, purpose, _ in grants}), reasons=rules.REASONS[case.kind],
        longest=rules.LONGEST_TEXT, most_days=EXTENSION_DAYS,
    )  # fmt: skip


@post(f"{PATH}/{{id:str}}", status_code=303, permission=_DECIDES)
async def act_on_one(request: Asked, access: Access, page: Frame, cases: Service, id: FromPath[str]) -> Response[Any]:
    """Asks the person to complete it, extends the time, or decides."""
    permissions.check_decide(await cases.powers.standing(access))
    same_site(request)
    form = await request.form()
    action, text = str(form.get("action", "")), str(form.get("text", ""))
    if action == "ask":
        await cases.ask_more(access, id, text)
    elif action == "extend":
        days = str(form.get("days", ""))
        await cases.extend(access, id, int(days) if days.isascii() and days.isdigit() and len(days) < 4 else 0, text)
    elif action in {Act.GRANT, Act.PARTLY, Act.REFUSE}:
        await cases.decide(access, id, _decision(Act(action), text, form))
    else:
        raise BadRequestData("choose what is decided", detail_ja="決定の内容を選んでください。")
    return Redirect(with_language(f"{PATH}/{id}", page.language), status_code=303)


@get(f"{PATH}/{{id:str}}/disclosure", media_type=MediaType.HTML, permission=_DECIDES)
async def show_handed_out(
    access: Access, kit: Drawing, page: Frame, cases: Service, entity_types: Types, directory: Named, id: FromPath[str]
) -> str:
    """What was disclosed, to print at the counter."""
    case, found = await cases.hand_out(access, id)
    drawer = Drawer(kit, page, entity_types, cases.today())
    crumbs = (
        Link(drawer.t("all.title"), PATH),
        Link(drawer.t("one.title", kind=drawer.t(f"kind.{case.kind}")), f"{PATH}/{case.id}"),
    )
    names = await directory.names(named_of(found))
    return drawer.export(drawer.frame("export", *crumbs), case, found, names, f"{PATH}/{case.id}/disclosure.json")


@get(f"{PATH}/{{id:str}}/disclosure.json", permission=_DECIDES)
async def get_handed_out(access: Access, cases: Service, id: FromPath[str]) -> Response[bytes]:
    """What was disclosed, for programs, to hand out at the counter."""
    case, found = await cases.hand_out(access, id)
    return export_file(case.id, found)


def _decision(act: Act, text: str, form: FormMultiDict) -> Decision:
    def several(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(str(one)[:200] for one in form.getall(name, [])))[:100]

    value = str(form.get("value", "")).strip()
    return Decision(act, text, several("article"), several("withheld"), value or None, several("purpose"))


async def _list(
    access: Any, drawer: Drawer, cases: Cases, directory: Names, said: dict[str, str] | None = None, wrong: str = ""
) -> str:
    standing = await cases.powers.standing(access)
    permissions.check_record(standing)
    found, done = await cases.waiting(access) if permissions.may_decide(standing) else ([], [])
    shown = [(case, drawer.progress(case)) for case in found]
    names = await directory.names({name for case in (*found, *done) for name in named_in(case)})
    inbox = Link(drawer.kit.catalogue.translate(drawer.page.language, "roles.inbox.title"), INBOX)
    kinds = [(kind.value, drawer.t(f"kind.{kind}")) for kind in Kind]
    return drawer.kit.render(
        "rights/all.html", drawer.frame("all", inbox), found=shown, done=done, names=names, said=said or {}, wrong=wrong,
        kinds=kinds, may_decide=permissions.may_decide(standing), path=PATH, longest=rules.LONGEST_TEXT,
    )  # fmt: skip


ROUTES = (show_all, record_request, show_one, act_on_one, show_handed_out, get_handed_out)
