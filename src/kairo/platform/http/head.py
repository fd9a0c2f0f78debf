"""How is a HEAD answered? As the GET at the same address would be, without the content (RFC 9110 9.3.2): routes need not know."""

from kairo.platform.http.messages import App, Receive, Scope, Send


class HeadAsGet:
    """ASGI middleware for applications whose routes answer GET alone. A stream ends where it would have begun."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        answered = False

        async def received() -> Scope:
            return {"type": "http.disconnect"} if answered else await receive()

        async def sent(message: Scope) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b""})
                answered = True

        await self._app({**scope, "method": "GET"}, received, sent)
