"""What does a web worker serve? The composed application, put together when its server starts and closed when it ends."""

import asyncio
from typing import Any

from kairo.app import Kairo
from kairo.platform.http.listening import limit_readers
from kairo.platform.http.messages import App, Receive, Send
from kairo.platform.i18n import LANGUAGES
from kairo.platform.observability.logs import configure, logger, told
from kairo.platform.processes.collector import settle
from kairo.platform.processes.orphans import end_with_parent
from kairo.platform.web import Kit
from kairo.settings import Settings, load_settings


def worker() -> App:
    """The factory that a web worker's server calls: opens the database when the server starts, closes it when it ends."""
    end_with_parent()
    settings = load_settings()
    configure(settings.log_format, settings.log_level)
    return Worker(settings)


def _warm(kit: Kit) -> None:
    """Beside the first requests: templates in the other languages. Then the collector may forget what stays for good."""
    for language in LANGUAGES[1:]:
        kit.environment(language)
    settle()


class Worker:
    """An ASGI application that is put together in its lifespan."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._app: App | None = None
        self._kairo: Kairo | None = None
        self._warming: asyncio.Task[None] | None = None
        self._limiting: asyncio.Task[None] | None = None

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        assert self._app is not None
        await self._app(scope, receive, send)

    async def _start(self) -> None:
        self._kairo = await Kairo.open(self._settings, name="kairo web")
        kit = self._kairo.kit()
        self._app = self._kairo.asgi(kit)
        if self._settings.demo:
            await self._kairo.seed()
        await self._kairo.live.start()
        self._limiting = asyncio.create_task(self._limit_readers())
        self._warming = asyncio.create_task(asyncio.to_thread(_warm, kit))

    async def _limit_readers(self) -> None:
        if not await limit_readers(self._settings.port, self._settings.reader_seconds):
            logger("web").warning("the listening socket was not found: who stops reading keeps the connection")

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    await self._start()
                except Exception as error:  # noqa: BLE001 - a server that was not put together must not answer: it starts again
                    logger("web").error("the web worker cannot start", reason=told(error))
                    await send({"type": "lifespan.startup.failed", "message": ""})
                    return
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                if self._limiting is not None:
                    self._limiting.cancel()
                if self._warming is not None:
                    await asyncio.gather(self._warming, return_exceptions=True)
                if self._kairo is not None:
                    await self._kairo.close()
                await send({"type": "lifespan.shutdown.complete"})
                return
