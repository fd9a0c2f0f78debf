"""What happens to every request, whoever answers it? Proxy headers, what https asks for, a request id, metrics, one log line, and the last net
that turns an unforeseen failure into an error document instead of a closed connection."""

import secrets
from itertools import count
from time import perf_counter

from kairo.errors import Busy, KairoError
from kairo.platform.http import https
from kairo.platform.http.messages import App, Receive, Response, Scope, Send
from kairo.platform.http.pacing import LEAST_SECONDS, PIECE_BYTES, Message, ReaderGone, Readers
from kairo.platform.http.problems import problem_response
from kairo.platform.http.proxies import TrustedProxies
from kairo.platform.http.tally import Tally
from kairo.platform.observability.logs import logger

REQUEST_ID = b"x-request-id"
_METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}


class Edge:
    """The outermost ASGI application. `surface` names what is inside in the metrics."""

    def __init__(
        self, inner: App, proxies: TrustedProxies, *, reader_seconds: float = 120.0, held_bytes: int = 256 * 1024 * 1024
    ) -> None:
        self._inner = inner
        self._proxies = proxies
        self._readers = Readers(reader_seconds, held_bytes)
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
        https.came_in(scope)
        request_id = f"{self._process}{next(self._numbers):08x}"
        scope["request_id"] = request_id
        start: Message | None = None
        status = 0
        is_over = False  # nothing more goes out

        async def sending(message: Message) -> None:
            nonlocal start, status, is_over
            if message["type"] == "http.response.start":
                start = message  # goes out with the body: until then another answer may take its place
                return
            if is_over:
                raise ReaderGone
            size = len(message.get("body", b""))
            begin, start = start, None
            if begin is not None:
                if size > PIECE_BYTES and _only_looks(scope) and not self._readers.have_room(size):
                    status = await self._refuse(scope, begin, send)
                    is_over = True
                    return
                status = begin["status"]
                begin["headers"] = [*https.goes_out(scope, begin["headers"]), (REQUEST_ID, request_id.encode())]
            if size <= PIECE_BYTES and not message.get("more_body", False):  # the server keeps so little
                if begin is not None:
                    await send(begin)
                await send(message)
                return
            try:
                await self._readers.send(send, begin, message)
            except ReaderGone:
                is_over = True
                self._log.info("the reader stopped reading", request=request_id, path=scope["path"])
                raise

        try:
            await self._inner(scope, receive, sending)
        except Exception as error:
            if is_over:
                return
            self._log.exception("request failed", request=request_id, method=scope["method"], path=scope["path"])
            if status:
                raise
            known = error if isinstance(error, KairoError) else KairoError("something unforeseen went wrong")
            await _told(known, scope).send(sending, head=scope["method"] == "HEAD")
        finally:
            self._count(scope, status, perf_counter() - began)

    async def _refuse(self, scope: Scope, begin: Message, send: Send) -> int:
        """Answers in place of what is too long now; returns the status. What tells a browser whose page may read it stays."""
        answer = _told(_too_much_waits(), scope)
        answer.headers += [item for item in begin["headers"] if item[0] == b"vary" or item[0].startswith(b"access-control-")]
        answer.headers = [*https.goes_out(scope, answer.headers), (REQUEST_ID, scope["request_id"].encode())]
        await answer.send(send)
        return answer.status

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        surface = "api" if scope["path"].startswith("/ngsi-ld/") else "page"
        self._tally.count(surface, scope["method"] if scope["method"] in _METHODS else "other", status, seconds)
        if status >= 500:
            self._log.warning(
                "answered", method=scope["method"], path=scope["path"], status=status, request=scope["request_id"]
            )


def _only_looks(scope: Scope) -> bool:
    """Whether a request changes nothing, so that it can be refused when its answer is ready. A HEAD's answer is never long."""
    path: str = scope["path"]
    return scope["method"] == "GET" or path.endswith("/entityOperations/query")


def _told(error: KairoError, scope: Scope) -> Response:
    language = next((value for name, value in scope["headers"] if name == b"accept-language"), b"").decode("latin-1")
    return problem_response(error, accept_language=language, instance=f"urn:kairo:request:{scope['request_id']}")


def _too_much_waits() -> Busy:
    return Busy(
        "so much waits to be read by others that there is no room for an answer of this length",
        detail_ja="ほかの利用者がまだ受け取っていない応答が多く、この長さの応答を置く場所がありません。",
        headers={"Retry-After": f"{LEAST_SECONDS:g}"},
    )
