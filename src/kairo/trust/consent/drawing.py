"""How are the pages of consent drawn? Names, frames and the forms that fit a consent as it stands; nothing is decided here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from litestar import MediaType, Response

from kairo.context.gate import Scope
from kairo.errors import KairoError
from kairo.platform.i18n import pick, strip_readings
from kairo.platform.web import Kit, Link, Page
from kairo.trust.consent import forms, permissions
from kairo.trust.consent.desk import ConsentDesk
from kairo.trust.consent.forms import Choices
from kairo.trust.consent.reading import Detail, Shown
from kairo.trust.consent.receipts import receipt_of
from kairo.trust.consent.rules import State

_UNKEPT = {"cache-control": "no-store", "vary": "cookie"}


@dataclass(frozen=True, slots=True)
class Trial:
    """A form that was sent and refused: what it held, and why not."""

    form: Any
    words: str
    status: int


@dataclass(frozen=True, slots=True)
class Drawer:
    """Draws pages for one request."""

    desk: ConsentDesk
    access: Scope
    kit: Kit
    page: Page

    def draw(self, template: str, name: str, *crumbs: Link, status: int = 200, **values: Any) -> Response[str]:
        """A page about people: no search engine finds it, and nothing keeps it. `name` is that of its messages."""
        translate, language = self.kit.catalogue.translate, self.page.language
        lead = translate(language, f"consent.{name}.lead")
        title = translate(language, f"consent.{name}.title")
        shown = replace(self.page, title=title, lead=lead, crumbs=crumbs, robots="noindex", synthetic=self.desk.synthetic)
        html = self.kit.render(f"consent/{template}.html", shown, **values)
        return Response(html, status_code=status, media_type=MediaType.HTML, headers=_UNKEPT)

    def crumb(self, name: str, path: str) -> Link:
        """The way to a page above."""
        return Link(self.kit.t(self.page.language, f"consent.{name}.title"), path)

    def words(self, error: KairoError) -> str:
        """What an error says to this reader."""
        return error.detail if self.page.language == "en" else error.detail_ja or error.title_ja

    async def names(self, who: Iterable[str], found: Sequence[Shown] = ()) -> dict[str, str]:
        """What people and recipients are called: by the purpose's words, else by who knows people."""
        names = {
            one.consent.recipient: strip_readings(pick(one.text.recipients[one.consent.recipient], self.page.language))
            for one in found
            if one.consent.recipient in one.text.recipients
        }
        asked = {*who, *(person for one in found for person in (one.consent.recipient, one.consent.subject))}
        for person in sorted(asked - names.keys()):
            names[person] = await self.desk.people.display_name(self.access.tenant, person, by=self.access.principal)
        return names

    async def first_step(
        self, path: str, above: str, said: Mapping[str, str], error: KairoError | None = None
    ) -> Response[str]:
        """The code that the other one shows."""
        names = await self.names(self.access.persons)
        words, status = ("", 200) if error is None else (self.words(error), error.status)
        return self.draw("new", "new", self.crumb("list", above), status=status, names=names, said=said, error=words, path=path)

    async def one(
        self, detail: Detail, path: str, above: str, *, new_words: bool = False, trial: Trial | None = None
    ) -> Response[str]:
        """One consent with what can be done with it."""
        consent = detail.shown.consent
        names = await self.names([event.principal for event in detail.events], [detail.shown])
        return self.draw(
            "one",
            "one",
            self.crumb("list", above),
            status=200 if trial is None else trial.status,
            detail=detail,
            shown=detail.shown,
            one=consent,
            offer=self._offer(detail.shown, new_words=new_words, form=None if trial is None else trial.form),
            names=names,
            error="" if trial is None else trial.words,
            is_mine=not permissions.is_proxy(self.access, consent.subject),
            may_give=permissions.may_favour(self.access, consent.subject, consent.recipient),
            new_words=new_words,
            path=path,
        )

    def _offer(self, shown: Shown, *, new_words: bool, form: Any) -> Choices | None:
        """The form that fits: an answer within what is asked; a change by the agreed words, or by the new ones."""
        now, terms = self.desk.clock(), shown.consent.terms
        if shown.state is State.ASKED and shown.present is not None:
            return forms.choices(*shown.present, now, within=terms, form=form)
        if shown.state is not State.GIVEN:
            return None
        if shown.present is not None and (new_words or not shown.has_new_words):
            return forms.choices(*shown.present, now, present=terms, form=form)
        return forms.choices(shown.text, terms.text, now, within=terms, present=terms, form=form)

    async def receipt(self, detail: Detail, file: str, *crumbs: Link) -> Response[str]:
        """The receipt as a page; `file` is the address of the same for programs."""
        names = await self.names([event.principal for event in detail.events], [detail.shown])
        document = receipt_of(detail, self.access.tenant)
        one = detail.shown.consent
        return self.draw("receipt", "receipt", *crumbs, file=file, detail=detail, shown=detail.shown, one=one, names=names,
                         document=document)  # fmt: skip


def receipt_file(tenant: str, detail: Detail) -> Response[bytes]:
    """The receipt as a file."""
    named = f'attachment; filename="consent-{detail.shown.consent.id}.json"'
    body = orjson.dumps(receipt_of(detail, tenant), option=orjson.OPT_INDENT_2)
    return Response(body, media_type="application/json", headers={**_UNKEPT, "content-disposition": named})
