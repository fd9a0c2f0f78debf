"""What do programs of partners call? Tokens, what a token says, the keys, and what there is. Errors as RFC 6749 5.2 and 6750 3 have them."""

from typing import Any

from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from kairo.trust.oauth.known import Answer
from kairo.trust.oauth.provider import Provider

JWKS_SECONDS = 3600  # how long a partner may keep the keys; a new one is published a day before it signs
Asked = Request[Any, Any, State]
OAuth = NamedDependency[SkipValidation[Provider]]
_CLIENT = "a registered application, by its credentials"


@post("/oauth/token", permission=_CLIENT)
async def token(request: Asked, oauth: OAuth) -> Response[Any]:
    """Gives out access tokens: client_credentials, authorization_code, refresh_token."""
    return await _answer("token", request, oauth)


@post("/oauth/introspect", permission=_CLIENT)
async def introspect(request: Asked, oauth: OAuth) -> Response[Any]:
    """Says whether a token of one's own holds, and what it allows."""
    return await _answer("introspection", request, oauth)


@post("/oauth/revoke", permission=_CLIENT)
async def revoke(request: Asked, oauth: OAuth) -> Response[Any]:
    """Takes a token back; at once, in every worker."""
    return await _answer("revocation", request, oauth)


@get("/oauth/userinfo", permission="the holder of a token that a resident's sign-in gave")
async def userinfo(request: Asked, oauth: OAuth) -> Response[Any]:
    """What the application may know of who signed in, as they agreed."""
    return _said(await oauth.userinfo(request.headers.get("authorization", "")))


@post("/oauth/userinfo", permission="the holder of a token that a resident's sign-in gave")
async def post_userinfo(request: Asked, oauth: OAuth) -> Response[Any]:
    """The same by POST (OpenID Connect Core 5.3.1)."""
    return _said(await oauth.userinfo(request.headers.get("authorization", "")))


@get("/oauth/jwks", permission="anyone")
async def jwks(oauth: OAuth) -> Response[Any]:
    """The public keys by which what Kairo signs is known."""
    ring = await oauth.issuing.keys.ring()
    return Response(
        ring.public(), headers={"Cache-Control": f"public, max-age={JWKS_SECONDS}", "Access-Control-Allow-Origin": "*"}
    )


@get(["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"], permission="anyone")
async def configuration(oauth: OAuth) -> Response[Any]:
    """What this provider offers, and where."""
    headers = {"Cache-Control": f"public, max-age={JWKS_SECONDS}", "Access-Control-Allow-Origin": "*"}
    return Response(oauth.metadata(), headers=headers)


async def _answer(what: str, request: Asked, oauth: Provider) -> Response[Any]:
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/x-www-form-urlencoded":
        said = {"error": "invalid_request", "error_description": "Send application/x-www-form-urlencoded."}
        return _said(Answer(400, said, {}))
    client = request.client.host if request.client else ""
    return _said(await oauth.answer(what, await request.body(), request.headers.get("authorization", ""), client))


def _said(answer: Answer) -> Response[Any]:
    """Kept by nobody on the way."""
    kept = {name: value for name, value in answer.headers.items() if name.lower() != "content-type"}
    headers = {**kept, "Cache-Control": "no-store", "Pragma": "no-cache"}
    return Response(answer.body, status_code=answer.status, media_type=MediaType.JSON, headers=headers)
