"""Which pages do residents have about looks? 「わたしの情報を見た人」, with the button that asks about one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, SkipValidation
from litestar.response import Redirect

from kairo.context.gate import Scope
from kairo.errors import BadRequestData, ResourceNotFound
from kairo.platform.i18n import with_language
from kairo.platform.manifests import Manifest
from kairo.platform.web import Kit, Link, Page
from kairo.trust.disclosure import rules
from kairo.trust.disclosure.asking.store import Question
from kairo.trust.disclosure.permissions import check_see_own
from kairo.trust.disclosure.service import Disclosure, Shown
from kairo.trust.disclosure.viewing.words import Words
from kairo.trust.identity.pages import same_site

PATH = "/me/looks"

Access = NamedDependency[SkipValidation[Scope]]
Drawing = NamedDependency[SkipValidation[Kit]]
Frame = NamedDependency[SkipValidation[Page]]
Parts = NamedDependency[SkipValidation[tuple[Manifest, ...]]]
Service = NamedDependency[SkipValidation[Disclosure]]
Asked = Request[Any, Any, State]


@dataclass(frozen=True, slots=True)
class Line:
    """Looks that are alike, in words."""

    who: Any
    behalf: list[Any]
    group: rules.Group
    purpose: Any
    bases: list[Any]
    data: list[tuple[Any, list[Any]]]
    question: Question | None


@get(PATH, media_type=MediaType.HTML, permission="a resident: looks at themselves; others are led to sign in")
async def show_looks(
    access: Access,
    kit: Drawing,
    page: Frame,
    manifests: Parts,
    disclosure: Service,
    days: FromQuery[int] = 30,
    who: FromQuery[str] = "",
    purpose: FromQuery[str] = "",
    own: FromQuery[bool] = False,
    before: FromQuery[int] = 0,
) -> str:
    """Who looked at the resident's data, when, for what and on which basis."""
    check_see_own(access)
    wanted = rules.wanted_by_resident(disclosure.clock(), days=days, who=who, purpose=purpose, before=before)
    shown, kinds, own_looks = await disclosure.looks_at(access, wanted, own=own)
    words = Words(kit, page.language, manifests, shown.persons, shown.names)
    questions = {one.seq: one for one in await disclosure.questions_of(access)}
    chosen = {"days": days if days in rules.PERIODS else rules.PERIODS[1], "who": who, "purpose": purpose}
    return kit.render(
        "disclosure/looks.html",
        _frame(kit, page),
        path=PATH,
        lines=[_line(one, words, questions) for one in rules.grouped(shown.looks)],
        chosen=chosen,
        own=own,
        own_looks=own_looks,
        periods=[(count, words.t(f"period.{count}")) for count in rules.PERIODS],
        people=_choices(words, ((principal, words.who(principal)) for principal, _, _ in kinds)),
        purposes=_choices(words, ((name, words.purpose(name)) for _, name, _ in kinds)),
        following=_address(chosen, own, shown),
        elsewhere=[
            one for one in questions.values() if not any(one.seq in line.numbers for line in rules.grouped(shown.looks))
        ],
    )


@get(f"{PATH}/{{seq:int}}", media_type=MediaType.HTML, permission="a resident: a look at themselves")
async def show_question(seq: FromPath[int], access: Access, kit: Drawing, page: Frame) -> str:
    """The form by which a resident asks about a look."""
    check_see_own(access)
    return _form(kit, page, seq)


@post(f"{PATH}/{{seq:int}}", status_code=303, permission="a resident: a look at themselves")
async def ask_about_look(
    request: Asked, seq: FromPath[int], access: Access, kit: Drawing, page: Frame, disclosure: Service
) -> Response[Any]:
    """Keeps the question; it is answered by staff."""
    check_see_own(access)
    same_site(request)
    form = await request.form()
    text = str(form.get("question", ""))
    try:
        await disclosure.ask(access, seq, text)
    except BadRequestData as error:
        html = _form(
            kit, page, seq, text, kit.catalogue.translate(page.language, "disclosure.ask.length", count=rules.LONGEST_QUESTION)
        )
        return Response(html, status_code=error.status, media_type=MediaType.HTML)
    return Redirect(with_language(f"{PATH}#asked", page.language), status_code=303)


def _form(kit: Kit, page: Page, seq: int, text: str = "", error: str = "") -> str:
    if not 0 <= seq < 1 << 62:
        raise ResourceNotFound("there is no such look", detail_ja="その記録はありません。")
    t = kit.catalogue.translate
    crumbs = (*_frame(kit, page).crumbs, Link(t(page.language, "disclosure.looks.title"), PATH))
    shown = replace(page, title=t(page.language, "disclosure.ask.title"), crumbs=crumbs, robots="noindex")
    return kit.render(
        "disclosure/ask.html", shown, path=f"{PATH}/{seq}", text=text, error=error, longest=rules.LONGEST_QUESTION
    )


def _frame(kit: Kit, page: Page) -> Page:
    t = kit.catalogue.translate
    lead = t(page.language, "disclosure.looks.lead")
    crumbs = (Link(t(page.language, "disclosure.mine"), "/me"),)
    return replace(page, title=t(page.language, "disclosure.looks.title"), lead=lead, crumbs=crumbs, robots="noindex")


def _line(group: rules.Group, words: Words, questions: Mapping[int, Question]) -> Line:
    one = group.latest
    behalf = words.behalf(one.principal, one.persons)
    bases = words.bases(basis for part in group.parts for basis in part["bases"])
    question = next((questions[seq] for seq in group.numbers if seq in questions), None)
    return Line(words.who(one.principal), behalf, group, words.purpose(one.purpose), bases, words.data(group.parts), question)


def _choices(words: Words, found: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """All, then each once in order of how often."""
    return [("", words.t("filter.all")), *dict(found).items()]


def _address(chosen: Mapping[str, Any], own: bool, shown: Shown) -> str:
    if shown.following is None:
        return ""
    said = {**chosen, "before": shown.following, **({"own": "true"} if own else {})}
    return f"{PATH}?{urlencode({name: value for name, value in said.items() if value != ''})}"
