"""What do the pages of identity share? Their dependencies, how a frame is filled, how JSON of a script is read."""

from dataclasses import replace
from typing import Any

import orjson
from litestar import Request
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from kairo.context.gate import Scope
from kairo.errors import BadRequestData, UnsupportedMediaType
from kairo.platform.web import Kit, Link, Page
from kairo.trust.gate import SESSION_COOKIE
from kairo.trust.identity.pages import same_site
from kairo.trust.identity.service import Identity
from kairo.trust.identity.sessions.session import Session

Asked = Request[Any, Any, State]
Access = NamedDependency[SkipValidation[Scope]]
Drawing = NamedDependency[SkipValidation[Kit]]
Frame = NamedDependency[SkipValidation[Page]]
Known = NamedDependency[SkipValidation[Identity]]
Visitor = NamedDependency[SkipValidation[Session | None]]


def framed(kit: Kit, page: Page, title: str, above: str = "") -> Page:
    """The frame of a page of identity: its title (identity.<title>.title), found by no search engine. `above`: the page that leads
    to it, `me` or `console`."""
    words = kit.catalogue.translate(page.language, f"identity.{title}.title")
    lead = kit.catalogue.translate(page.language, f"identity.{title}.lead")
    crumbs = (Link(kit.catalogue.translate(page.language, f"identity.above.{above}"), f"/{above}"),) if above else ()
    return replace(page, title=words, lead=lead, robots="noindex", crumbs=crumbs)


async def form_of(request: Asked) -> dict[str, str]:
    """The fields of a form of this site; of one that was sent twice the last."""
    same_site(request)
    return {name: str(value) for name, value in (await request.form()).multi_items()}


async def chosen(request: Asked, name: str) -> list[str]:
    """All values of a field of checkboxes."""
    return [str(value) for key, value in (await request.form()).multi_items() if key == name]


async def json_of(request: Asked) -> dict[str, Any]:
    """The JSON object that a script of this site sent. Raises what says that it is none."""
    same_site(request)
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise UnsupportedMediaType("send application/json")
    try:
        found = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise BadRequestData("this is no JSON", detail_ja="送信データを読み取れません。") from error
    if not isinstance(found, dict):
        raise BadRequestData("send a JSON object", detail_ja="送信データを読み取れません。")
    return found


def source_of(request: Asked) -> str:
    """The address that asks, as a believed proxy says it."""
    return request.client.host if request.client else ""


def device_of(request: Asked) -> str:
    """What the browser says of itself."""
    return request.headers.get("user-agent", "")


async def leave_before(request: Asked, identity: Identity) -> None:
    """Ends the session that this browser had so far."""
    before = await identity.sessions.find(request.cookies.get(SESSION_COOKIE, ""))
    if before is not None and before.id:
        await identity.sessions.revoke(before.principal, before.id)
