"""Is the program well? `/health/live` (the process answers), `/health/ready` (the database does), `/metrics` (Prometheus)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import orjson

from kairo.errors import Forbidden, KairoError, ResourceNotFound, Unavailable
from kairo.platform.db import Database
from kairo.platform.http.messages import Limits, Receive, Request, Response, Scope, Send
from kairo.platform.http.problems import problem_response
from kairo.platform.observability import metrics

READY_WITHIN_SECONDS = 2.0


class Health:
    """An ASGI application. `may_see_metrics` decides on headers and client address."""

    def __init__(self, database: Database, may_see_metrics: Callable[[Mapping[str, str], str], Awaitable[bool]]) -> None:
        self._database = database
        self._may_see_metrics = may_see_metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, Limits())
        try:
            response = await self._answer(request)
        except KairoError as error:
            response = problem_response(error, accept_language=request.headers.get("accept-language", ""))
        await response.send(send, head=scope["method"] == "HEAD")

    async def _is_ready(self) -> None:
        """Raises Unavailable where the database does not answer soon: a balancer does not wait as long as a request may."""
        try:
            async with asyncio.timeout(READY_WITHIN_SECONDS):
                await self._database.fetch("health", "SELECT 1")
        except TimeoutError:
            raise Unavailable("the database does not answer", detail_ja="データベースが応答しません。") from None

    async def _answer(self, request: Request) -> Response:
        path = request.path.rstrip("/")
        if path == "/health/live":
            return Response(200, orjson.dumps({"status": "live"}))
        if path == "/health/ready":
            await self._is_ready()
            return Response(200, orjson.dumps({"status": "ready"}))
        if path == "/metrics":
            if not await self._may_see_metrics(request.headers, request.client):
                raise Forbidden("metrics are shown to this machine and to the administrator", detail_ja="閲覧できません。")
            return Response(200, metrics.exposition(), metrics.CONTENT_TYPE)
        raise ResourceNotFound("there is nothing at this address", detail_ja="このアドレスには何もありません。")
