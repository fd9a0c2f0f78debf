"""How does an application ask a person for consent, and how does it learn the answer? A small JSON API.

The application sends a code that the person showed it, and gets an id under which it sees `pending`, `given`, `refused` or `ended`;
nothing else about the person, and nothing about consents that it did not ask for.
"""

from typing import Any, Final

import orjson
from litestar import Response, get, post
from litestar.params import FromPath

from kairo.errors import BadRequestData, InvalidRequest
from kairo.platform.clock import iso
from kairo.trust.consent import permissions
from kairo.trust.consent.pages import Access, Asked, Desk
from kairo.trust.consent.rules import State
from kairo.trust.identity.pages import same_site

PATH: Final = "/api/consent-requests"
ANSWERS: Final = {
    State.ASKED: "pending",
    State.GIVEN: "given",
    State.REFUSED: "refused",
    State.WITHDRAWN: "ended",
    State.EXPIRED: "ended",
}
_MEMBERS: Final = frozenset({"purpose", "code", "categories", "days"})
_MOST_CATEGORIES: Final = 100


@post(PATH, status_code=201, permission="an application, for a purpose that names it")
async def ask_consent(request: Asked, access: Access, consent: Desk) -> Response[bytes]:
    """Asks the person whose code is sent; the request waits for their answer."""
    permissions.check_application(access)
    same_site(request)
    asked = _read(await request.body())
    code, _ = await consent.codes.person(access, asked["code"])
    one = await consent.service.ask(access, asked["purpose"], code, asked.get("categories"), asked.get("days"))
    answer = {"id": one.id, "state": ANSWERS[one.state], "purpose": one.purpose, "answerBy": iso(one.answer_by or one.since)}
    return _json(answer, 201, {"location": f"{PATH}/{one.id}"})


@get(f"{PATH}/{{id:str}}", permission="the application that asked")
async def show_request(access: Access, consent: Desk, id: FromPath[str]) -> Response[bytes]:
    """How a request stands: `pending`, `given`, `refused` or `ended`."""
    permissions.check_application(access)
    return _json({"id": id, "state": ANSWERS[await consent.reader.asked(access, id)]}, 200)


def _json(body: dict[str, Any], status: int, headers: dict[str, str] | None = None) -> Response[bytes]:
    kept = {"cache-control": "no-store", **(headers or {})}
    return Response(orjson.dumps(body), status_code=status, media_type="application/json", headers=kept)


def _read(body: bytes) -> dict[str, Any]:
    """The request. Raises InvalidRequest for what is no JSON object, BadRequestData for a member that is wrong."""
    try:
        asked = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise InvalidRequest("the body is no JSON", detail_ja="本文がJSONではありません。") from None
    if not isinstance(asked, dict):
        raise InvalidRequest("the body is no JSON object", detail_ja="本文がJSONオブジェクトではありません。")
    unknown = sorted(asked.keys() - _MEMBERS)
    categories, days = asked.get("categories"), asked.get("days")
    wrong = {
        f"{unknown[0][:80]!r} is no member of a request" if unknown else "": bool(unknown),
        "purpose is a text": not isinstance(asked.get("purpose"), str),
        "code is the text that the person showed": not isinstance(asked.get("code"), str),
        "categories is an array of texts": not _is_texts(categories),
        "days is a whole number": days is not None and type(days) is not int,
    }
    for problem, is_so in wrong.items():
        if is_so:
            raise BadRequestData(problem)
    return asked


def _is_texts(value: Any) -> bool:
    return value is None or (
        isinstance(value, list) and len(value) <= _MOST_CATEGORIES and all(isinstance(one, str) for one in value)
    )


ROUTES = (ask_consent, show_request)
