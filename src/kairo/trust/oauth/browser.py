"""What does a resident's browser meet when an application sends it here? The page of consent, the way out, and back again.

The session's cookie does not come along with a visit from another site (SameSite=Strict). So who comes from there is led on once by a
page of ours, and is then known.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oidc.core.errors import (
    ConsentRequiredError,
    LoginRequiredError,
    RequestNotSupportedError,
    RequestURINotSupportedError,
)
from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.response import Redirect

from kairo.context.gate import Scope
from kairo.errors import BadRequestData
from kairo.platform.i18n import with_language
from kairo.platform.web import Kit, Page
from kairo.trust.identity.pages import same_site
from kairo.trust.identity.principals import PrincipalKind
from kairo.trust.identity.sessions.session import Session
from kairo.trust.oauth.asking import Ask, Question
from kairo.trust.oauth.known import Asking
from kairo.trust.oauth.provider import Provider, parameters
from kairo.trust.oauth.records import PRINCIPAL, Application, SignedIn
from kairo.trust.oauth.rules import attributes_of, without_unasked

PATH: Final = "/oauth/authorize"
_AGAIN: Final = "kairo_again"  # when we sent somebody to sign in once more, sealed
_AGAIN_LIVES: Final = timedelta(hours=1)
Asked = Request[Any, Any, State]
Access = NamedDependency[SkipValidation[Scope]]
Visitor = NamedDependency[SkipValidation[Session | None]]
Drawing = NamedDependency[SkipValidation[Kit]]
Frame = NamedDependency[SkipValidation[Page]]
OAuth = NamedDependency[SkipValidation[Provider]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request that holds, of somebody who is signed in: what is asked, and what they said to it before."""

    asking: Asking
    signed_in: SignedIn
    application: Application
    words: tuple[str, ...]
    ask: Ask
    questions: Sequence[Question]
    is_new: bool

    def choices(self) -> list[tuple[str, str]]:
        """What can be chosen: attributes that go under the same words are one choice, since they are agreed to together."""
        found: dict[str, list[str]] = {}
        for one in self.questions:
            found.setdefault(one.words, []).append(one.attribute)
        return [(" ".join(attributes), words) for words, attributes in found.items()]

    def chosen(self) -> list[str]:
        """The choices that were made before, and hold."""
        agreed = set(self.agreed())
        return [choice for choice, _ in self.choices() if agreed.issuperset(choice.split())]

    def agreed(self) -> tuple[str, ...]:
        """The attributes to which the person has said yes."""
        return tuple(one.attribute for one in self.questions if one.agreed)


class _Elsewhere(Exception):
    """The browser goes somewhere else first."""

    def __init__(self, response: Response[Any]) -> None:
        self.response = response


@get(PATH, media_type=MediaType.HTML, permission="anyone: a resident decides")
async def show_authorize(
    request: Asked, oauth: OAuth, access: Access, session: Visitor, kit: Drawing, page: Frame
) -> Response[Any]:
    """Which application asks a resident to sign in, and for what; or straight back, where they have decided before."""
    query = bytes(request.scope["query_string"])
    if session is None and request.headers.get("sec-fetch-site") == "cross-site":
        return onward(kit, page, f"{with_language(PATH, page.language)}?{query.decode('ascii', 'replace')}")
    try:
        wanted = await _wanted(query, oauth, access, session, page)
    except _Elsewhere as way:
        return way.response
    prompt = wanted.asking.args.get("prompt", "").split()
    if not wanted.is_new and "consent" not in prompt:
        answer = await oauth.issuing.authorize(
            wanted.asking, wanted.signed_in, given=without_unasked(wanted.words, wanted.agreed())
        )
        return Redirect(answer.location, status_code=302)
    if "none" in prompt:
        return _back(oauth, wanted.asking, ConsentRequiredError(redirect_uri=wanted.asking.payload.redirect_uri))
    title = kit.catalogue.translate(page.language, "oauth.authorize.title", application=wanted.application.title)
    shown = replace(page, title=title, robots="noindex")
    html = kit.render("oauth/authorize.html", shown, wanted=wanted, request=query.decode("ascii"), path=PATH)
    return Response(html, media_type=MediaType.HTML)


@post(PATH, status_code=200, media_type=MediaType.HTML, permission="a resident who is signed in")
async def decide(request: Asked, oauth: OAuth, access: Access, session: Visitor, kit: Drawing, page: Frame) -> Response[Any]:
    """A resident lets an application know who they are, and what else they chose; or refuses."""
    same_site(request)
    form = await request.form()
    query = str(form.get("request", "")).encode("ascii", "replace")
    try:
        wanted = await _wanted(query, oauth, access, session, page)
    except _Elsewhere as way:
        return way.response
    given: tuple[str, ...] | None = None
    if form.get("action") == "allow":
        chosen = {name for choice in form.getall("attribute", []) for name in str(choice).split()}
        agreed = tuple(one.attribute for one in wanted.questions if one.attribute in chosen)
        if wanted.questions:
            await oauth.asker.agree(access, wanted.ask, agreed)
        given = without_unasked(wanted.words, agreed)
    answer = await oauth.issuing.authorize(wanted.asking, wanted.signed_in, given=given)
    return onward(kit, page, answer.location)


def onward(kit: Kit, page: Page, address: str) -> Response[Any]:
    """A page that leads on by itself: unlike a redirect it begins anew, so that cookies come along and the policy for forms does not
    hold back what an application does next."""
    shown = replace(page, title=kit.catalogue.translate(page.language, "oauth.onward.title"), robots="noindex", lean=True)
    return Response(kit.render("oauth/onward.html", shown, address=address), media_type=MediaType.HTML)


def signed_in_of(session: Session | None) -> SignedIn | None:
    """The resident of a session; staff and the administrator sign in to no application."""
    if session is None or session.principal.kind is not PrincipalKind.RESIDENT:
        return None
    return SignedIn(session.principal.id, session.created_at, session.ial, session.aal)


async def _wanted(query: bytes, oauth: Provider, access: Scope, session: Session | None, page: Page) -> Wanted:
    """The request, checked. Raises _Elsewhere for who must sign in first, and where the answer is no; BadRequestData where nobody
    can be told but who sits there: the application or its address is not known."""
    try:
        values = parameters(query)
    except ValueError as error:
        raise _unreadable(str(error)) from error
    again = values.pop(_AGAIN, [""])[0] if isinstance(values, dict) else ""
    asking = Asking("GET", values)
    signed_in = signed_in_of(session)
    try:
        grant = await oauth.issuing.consent_grant(asking, signed_in)
        _refuse_what_is_not_offered(asking)
        if signed_in is None or await _must_sign_in_again(oauth, asking, grant.prompt, signed_in, again):
            if "none" in asking.args.get("prompt", "").split():
                raise LoginRequiredError(redirect_uri=asking.payload.redirect_uri)
            raise _Elsewhere(await _to_sign_in(query, oauth, asking, page))
    except OAuth2Error as error:
        if not error.redirect_uri:
            raise _unreadable(str(error.description or error.error)) from error
        raise _Elsewhere(_back(oauth, asking, error)) from error
    application = grant.request.client.application
    words = tuple(asking.scope.split())
    ask = Ask(
        f"{PRINCIPAL}{application.name}",
        application.title,
        application.organisation,
        application.purpose,
        tuple(attributes_of(words)),
    )
    questions = await oauth.asker.questions(access, ask, page.language) if ask.attributes else ()
    before = await oauth.issuing.asked_before(signed_in.principal, application.name)
    return Wanted(asking, signed_in, application, words, ask, questions, not before.issuperset(words))


def _refuse_what_is_not_offered(asking: Asking) -> None:
    given, back = asking.args, asking.payload.redirect_uri
    if "request" in given:
        raise RequestNotSupportedError(redirect_uri=back, state=asking.payload.state)
    if "request_uri" in given:
        raise RequestURINotSupportedError(redirect_uri=back, state=asking.payload.state)
    if given.get("response_mode", "query") != "query":
        raise InvalidRequestError("Only response_mode=query is offered.", redirect_uri=back, state=asking.payload.state)


async def _must_sign_in_again(oauth: Provider, asking: Asking, prompt: str, signed_in: SignedIn, again: str) -> bool:
    """Whether the sign-in is too old for this request (max_age), or was not made for it (prompt=login)."""
    now = oauth.clock()
    given = asking.args.get("max_age")
    if given is not None:
        if not given.isascii() or not given.isdigit() or len(given) > 9:
            raise InvalidRequestError("max_age is a number of seconds.", redirect_uri=asking.payload.redirect_uri)
        if signed_in.at + timedelta(seconds=int(given)) < now and not await _is_since(oauth, asking, again, signed_in, now):
            return True
    return prompt in {"login", "select_account"} and not await _is_since(oauth, asking, again, signed_in, now)


async def _is_since(oauth: Provider, asking: Asking, again: str, signed_in: SignedIn, now: datetime) -> bool:
    """Whether the person signed in after we sent them there for this very request."""
    seconds, _, seal = again.partition(".")
    if not seconds.isascii() or not seconds.isdigit() or len(seconds) > 12:
        return False
    ring = await oauth.issuing.keys.ring()
    sent_at = int(seconds)
    is_ours = ring.sealed(f"{asking.payload.client_id} {sent_at}") == seal
    return is_ours and now.timestamp() - sent_at < _AGAIN_LIVES.total_seconds() and signed_in.at.timestamp() >= sent_at


async def _to_sign_in(query: bytes, oauth: Provider, asking: Asking, page: Page) -> Response[Any]:
    now = int(oauth.clock().timestamp())
    ring = await oauth.issuing.keys.ring()
    mark = urlencode({_AGAIN: f"{now}.{ring.sealed(f'{asking.payload.client_id} {now}')}"})
    kept = "&".join(part for part in query.decode("ascii").split("&") if not part.startswith(f"{_AGAIN}="))
    back = with_language(f"{PATH}?{kept}&{mark}", page.language)
    return Redirect(with_language(f"/sign-in?{urlencode({'back': back})}", page.language), status_code=303)


def _back(oauth: Provider, asking: Asking, error: OAuth2Error) -> Response[Any]:
    """Tells the application that it cannot be (RFC 6749 4.1.2.1), and who says so (RFC 9207)."""
    error.state = asking.payload.state
    said = [*error.get_body(), ("iss", oauth.issuer)]
    return Redirect(add_params_to_uri(error.redirect_uri, said), status_code=302)


def _unreadable(reason: str) -> BadRequestData:
    return BadRequestData(
        f"the application that sent you here asks in a way that cannot be answered: {reason}",
        detail_ja="アプリからの要求に誤りがあるため、ログインを続けられません。",
        mend="Go back to the application and tell those who run it; nothing was given to it.",
        mend_ja="アプリの画面に戻り、アプリの運営者にお知らせください。アプリには何も伝えていません。",
    )
