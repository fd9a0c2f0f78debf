"""Which pages do staff have about looks? Questions of residents, and the audit of all looks with the proofs of the log."""

from dataclasses import replace
from typing import Any

import orjson
from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromQuery, SkipValidation
from litestar.response import Redirect

from kairo.errors import ResourceNotFound
from kairo.platform.clock import TOKYO
from kairo.platform.i18n import with_language
from kairo.platform.web import Kit, Link, Page
from kairo.platform.web.charts import Columns
from kairo.trust.disclosure import rules
from kairo.trust.disclosure.pages import Access, Drawing, Frame, Parts, Service
from kairo.trust.disclosure.proving.heads import Head
from kairo.trust.disclosure.proving.proofs import Prover
from kairo.trust.disclosure.viewing.words import Words, account_of
from kairo.trust.identity.pages import same_site
from kairo.trust.roles.pages import INBOX

QUESTIONS, AUDIT = "/console/questions", "/console/audit"
_KINDS = ("staff", "application", "resident", "administrator", "system")
Proofs = NamedDependency[SkipValidation[Prover]]
Asked = Request[Any, Any, State]
_WHO = "staff whose duty includes audit; the administrator"


@get(QUESTIONS, media_type=MediaType.HTML, permission=_WHO)
async def show_questions(access: Access, kit: Drawing, page: Frame, manifests: Parts, disclosure: Service) -> str:
    """What residents ask about looks, and what was answered."""
    await disclosure.check_audit(access)
    waiting, answered, shown, looks = await disclosure.open_questions(access)
    words = Words(kit, page.language, manifests, shown.persons, shown.names)

    def said(one: Any) -> tuple[Any, ...]:
        at, principal, purpose = looks[one.seq]
        return (
            one,
            shown.names.get(account_of(one.person)) or words.t("who.resident"),
            at,
            words.who(principal),
            words.purpose(purpose),
        )

    frame = _frame(kit, page, "questions")
    return kit.render(
        "disclosure/questions.html", frame, path=QUESTIONS, waiting=list(map(said, waiting)), answered=list(map(said, answered)),
        longest=rules.LONGEST_ANSWER,
    )  # fmt: skip


@post(QUESTIONS, status_code=303, permission=_WHO)
async def answer_question(request: Asked, access: Access, page: Frame, disclosure: Service) -> Response[Any]:
    """Answers a question; the answer stands on the resident's page at once."""
    await disclosure.check_audit(access)
    same_site(request)
    form = await request.form()
    await disclosure.answer(access, str(form.get("id", "")), str(form.get("answer", "")))
    return Redirect(with_language(QUESTIONS, page.language), status_code=303)


@get(AUDIT, media_type=MediaType.HTML, permission=_WHO)
async def show_audit(
    access: Access,
    kit: Drawing,
    page: Frame,
    manifests: Parts,
    disclosure: Service,
    prover: Proofs,
    since: FromQuery[str] = "",
    until: FromQuery[str] = "",
    who: FromQuery[str] = "",
    purpose: FromQuery[str] = "",
    before: FromQuery[int] = 0,
) -> str:
    """All looks of a period, without the names of residents: search, what is unusual, and where the log's tree stands."""
    await disclosure.check_audit(access)
    wanted = rules.wanted_by_auditor(disclosure.clock(), since=since, until=until, who=who, purpose=purpose, before=before)
    found = await disclosure.audit(access, wanted)
    words = Words(kit, page.language, manifests, found.shown.persons, found.shown.names)
    by_kind = rules.by_hour(found.hours)  # type: ignore[arg-type]
    series = tuple((words.t(f"kind.{kind}"), tuple(map(float, by_kind[kind]))) for kind in _KINDS if kind in by_kind)
    picture = Columns(
        "looks",
        words.t("audit.by_hour"),
        tuple(map(str, range(24))),
        series,
        "stacked",
        x_title=words.t("audit.hour"),
        digits=0,
    )
    lines = [
        (
            one,
            words.who(one.principal),
            words.purpose(one.purpose),
            words.bases({b for p in one.parts for b in p["bases"]}),
            words.data(one.parts),
        )
        for one in found.shown.looks
    ]
    unusual = [(one, one.who if one.rule == "watched" else words.who(one.who)) for one in found.hints]
    head = await prover.last_head(access.tenant)
    chosen = {
        "since": wanted.since.astimezone(TOKYO).date().isoformat(),
        "until": rules.last_day(wanted).isoformat(),
        "who": who,
        "purpose": purpose,
    }
    return kit.render(
        "disclosure/audit.html", _frame(kit, page, "audit"), path=AUDIT, lines=lines, picture=picture if series else None, hints=unusual,
        head=head, size=await prover.size(access.tenant), chosen=chosen, following=found.shown.following,
    )  # fmt: skip


@post(AUDIT, status_code=303, permission=_WHO)
async def sign_log(request: Asked, access: Access, page: Frame, disclosure: Service, prover: Proofs) -> Response[Any]:
    """Signs the log as it is now."""
    await disclosure.check_audit(access)
    same_site(request)
    await prover.sign(access.tenant)
    return Redirect(with_language(f"{AUDIT}#tree", page.language), status_code=303)


@get(f"{AUDIT}/head", permission=_WHO)
async def download_head(access: Access, disclosure: Service, prover: Proofs) -> Response[bytes]:
    """The last signed head of the log's tree, to be kept elsewhere."""
    await disclosure.check_audit(access)
    head = await prover.last_head(access.tenant)
    if head is None:
        raise ResourceNotFound(
            "the log is not signed yet", detail_ja="まだ署名されていません。", mend="Sign it on the audit page."
        )
    return _file(head.json(), _name(head))


@get(f"{AUDIT}/proof", permission=_WHO)
async def download_proof(access: Access, disclosure: Service, prover: Proofs, seq: FromQuery[int]) -> Response[bytes]:
    """The proof that a row is among those of the last signed head."""
    await disclosure.check_audit(access)
    proof = await prover.inclusion(access.tenant, seq)
    return _file(
        orjson.dumps(proof, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE), f"proof-{access.tenant}-{seq}.json"
    )


def _file(body: bytes, name: str) -> Response[bytes]:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store", "vary": "cookie"}
    return Response(body, media_type="application/json", headers=headers)


def _name(head: Head) -> str:
    return f"head-{head.tenant}-{head.size}.json"


def _frame(kit: Kit, page: Page, name: str) -> Page:
    t = kit.catalogue.translate
    title, lead = t(page.language, f"disclosure.{name}.title"), t(page.language, f"disclosure.{name}.lead")
    crumbs = (Link(t(page.language, "roles.inbox.title"), INBOX),)
    return replace(page, title=title, lead=lead, crumbs=crumbs, robots="noindex", wide=name == "audit")
