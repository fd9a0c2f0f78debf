"""What happens to every request, whoever answers it? Proxy headers, a request id, metrics, one log line, and the last net
that turns an unforeseen failure into an error document instead of a closed connection."""

import secrets
from collections.abc import MutableMapping
from itertools import count
from time import perf_counter
from typing import Any

from kairo.errors import KairoError
from kairo.platform.http.messages import App, Receive, Scope, Send
from kairo.platform.http.pacing import ReaderGone, send_in_time
from kairo.platform.http.problems import problem_response
from kairo.platform.http.proxies import TrustedProxies
from kairo.platform.http.tally import Tally
from kairo.platform.observability.logs import logger

REQUEST_ID = b"x-request-id"
_METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}


class Edge:
    """The outermost ASGI application. `surface` names what is inside in the metrics."""

    def __init__(self, inner: App, proxies: TrustedProxies, *, reader_seconds: float = 120.0) -> None:
        self._inner = inner
        self._proxies = proxies
        self._reader_seconds = reader_seconds
        self._log = logger("http")
        self._tally = Tally()
        self._process = secrets.token_hex(6)  # request ids: a random name of this process, and a number
        self._numbers = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        began = perf_counter()
        if scope["path"] == "/metrics":
            self._tally.flush()
        self._proxies.apply(scope)
        request_id = f"{self._process}{next(self._numbers):08x}"
        scope["request_id"] = request_id
        status = 0
        is_gone = False

        async def sending(message: MutableMapping[str, Any]) -> None:
            nonlocal status, is_gone
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (REQUEST_ID, request_id.encode())]
                await send(message)
                return
            if is_gone:
                raise ReaderGone
            try:
                await send_in_time(send, message, self._reader_seconds)
            except ReaderGone:
                is_gone = True
                self._log.info("the reader stopped reading", request=request_id, path=scope["path"])
                raise

        try:
            await self._inner(scope, receive, sending)
        except Exception as error:
            if is_gone:
                return
            self._log.exception("request failed", request=request_id, method=scope["method"], path=scope["path"])
            if status:
                raise
            known = error if isinstance(error, KairoError) else KairoError("something unforeseen went wrong")
            answer = problem_response(known, instance=f"urn:kairo:request:{request_id}")
            await answer.send(sending, head=scope["method"] == "HEAD")
        finally:
            self._count(scope, status, perf_counter() - began)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        surface = "api" if scope["path"].startswith("/ngsi-ld/") else "page"
        self._tally.count(surface, scope["method"] if scope["method"] in _METHODS else "other", status, seconds)
        if status >= 500:
            self._log.warning(
                "answered", method=scope["method"], path=scope["path"], status=status, request=scope["request_id"]
            )
