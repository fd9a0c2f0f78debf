"""Which page does disposal have? What is due, lists that wait for a second person, and the certificates of what is gone."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import orjson
from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from litestar.response import Redirect

from kairo.errors import BadRequestData, ResourceNotFound
from kairo.platform.clock import iso
from kairo.platform.i18n import with_language
from kairo.platform.manifests import EntityType
from kairo.platform.web import Link
from kairo.trust.identity.pages import same_site
from kairo.trust.rights.disposal.rules import Certificate
from kairo.trust.rights.disposal.service import Disposal
from kairo.trust.rights.permissions import check_dispose
from kairo.trust.roles.pages import INBOX, Access, Drawing, Frame, Named

PATH: Final = "/console/disposal"
_WHO: Final = "staff whose duty includes disposal; the administrator"
Service = NamedDependency[SkipValidation[Disposal]]
Types = NamedDependency[SkipValidation[Mapping[str, EntityType]]]


@get(PATH, media_type=MediaType.HTML, permission=_WHO)
async def show_disposal(
    access: Access, kit: Drawing, page: Frame, disposal: Service, directory: Named, entity_types: Types
) -> str:
    """What is due to be disposed of, what waits for a second person, and what is gone."""
    due = await disposal.due(access)
    found, proofs = await disposal.latest(access)
    t = kit.catalogue.translate
    crumbs = (Link(t(page.language, "roles.inbox.title"), INBOX),)
    title, lead = (t(page.language, f"rights.disposal.{key}") for key in ("title", "lead"))
    names = await directory.names({who for one, _, _ in found for who in (one.proposed_by, one.confirmed_by or "")})
    return kit.render(
        "rights/disposal.html", replace(page, title=title, lead=lead, crumbs=crumbs, robots="noindex"), due=due, found=found,
        proofs=proofs, names=names, types=entity_types, kept=disposal.kept(), path=PATH,
    )  # fmt: skip


@post(PATH, status_code=303, permission=_WHO)
async def act_on_disposal(request: Request[Any, Any, State], access: Access, page: Frame, disposal: Service) -> Response[Any]:
    """Proposes a list, confirms one as the second person, or ends one."""
    check_dispose(await disposal.powers.standing(access))
    same_site(request)
    form = await request.form()
    action, id = str(form.get("action", "")), str(form.get("id", ""))[:64]
    if action == "propose":
        await disposal.propose(access, str(form.get("type", "")))
    elif action == "confirm":
        await disposal.confirm(access, id)
    elif action == "end":
        await disposal.end(access, id)
    else:
        raise BadRequestData("there is no such button", detail_ja="このボタンはありません。")
    return Redirect(with_language(PATH, page.language), status_code=303)


@get(f"{PATH}/{{id:str}}/certificate", permission=_WHO)
async def get_certificate(access: Access, disposal: Service, id: FromPath[str]) -> Response[bytes]:
    """The certificate of a list, as a file."""
    _, proofs = await disposal.latest(access)
    one = next((each for each in proofs if each.list_id == id), None)
    if one is None:
        raise ResourceNotFound("there is no such certificate", detail_ja="その廃棄証明はありません。")
    headers = {"content-disposition": f'attachment; filename="disposal-{one.list_id}.json"', "cache-control": "no-store"}
    return Response(orjson.dumps(_said(one), option=orjson.OPT_INDENT_2), media_type="application/json", headers=headers)


def _said(one: Certificate) -> dict[str, Any]:
    return {
        "list": one.list_id,
        "at": iso(one.at),
        "type": one.type,
        "proposedBy": one.proposed_by,
        "confirmedBy": one.confirmed_by,
        "entities": len(one.digests),
        "rows": one.rows_gone,
        "digest": "SHA-256(salt, id)",
        "salt": one.salt.hex(),
        "digests": [each.hex() for each in one.digests],
    }


ROUTES = (show_disposal, act_on_disposal, get_certificate)
