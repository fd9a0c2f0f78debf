"""Which application answers? Chosen by the first segment of the path."""

from collections.abc import Mapping

from kairo.platform.http.messages import App, Receive, Scope, Send


class Dispatch:
    """An ASGI application that hands each request to the one that is named by the path's first segment."""

    def __init__(self, by_segment: Mapping[str, App], *, default: App) -> None:
        self._by_segment = dict(by_segment)
        self._default = default

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        end = path.find("/", 1)
        segment = path[1:] if end < 0 else path[1:end]
        await self._by_segment.get(segment, self._default)(scope, receive, send)
