"""How do all the parts look? One page that shows each with sample data: `python -m kairo.platform.web.preview`.

Tests look at this page in a browser.
"""

import argparse
import asyncio
import sys
from pathlib import Path

import orjson

from kairo.errors import KairoError, ResourceNotFound
from kairo.platform.http.messages import App, Receive, Scope, Send
from kairo.platform.web.error_pages import error_page
from kairo.platform.web.languages import LanguagePrefix, language_of
from kairo.platform.web.pages import Link, Page, Site, links
from kairo.platform.web.preview_sample import NOW, sample
from kairo.platform.web.security import SecurityHeaders
from kairo.platform.web.static import StaticFiles
from kairo.platform.web.templates import Kit

_SITE = Site(
    operator="山口市",
    phone="083-000-0000",
    phone_label="総合案内（見本の番号）",
    phone_hours="平日 8:30～17:15",
    sign_in="/sign-in",
    footer=links(
        [
            ("このサイトについて", "/about"),
            ("アクセシビリティ", "/accessibility"),
            ("個人情報の扱い", "/privacy"),
            ("開発者の方へ", "/dev"),
        ]
    ),
)
_NAV = links(
    [
        ("暮らし", "/"),
        ("防災・避難", "/evacuation"),
        ("交通", "/mobility"),
        ("子育て・学び", "/parenting"),
        ("健康・福祉", "/health"),
        ("産業・観光", "/economy"),
        ("まちの数字", "/numbers"),
    ]
)


def preview_app(kit: Kit, static: StaticFiles) -> App:
    """The preview as an ASGI application."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope["path"])
        if scope["type"] != "http":
            return
        if path.startswith("/static/"):
            await static(scope, receive, send)
            return
        if path == "/events":
            await _events(receive, send)
            return
        page = Page(
            title="部品の見本",
            lead="ページを組み立てる部品を、見本のデータで並べています。",
            language=language_of(scope),
            path=path,
            nav=_NAV,
            synthetic=True,
            stream="/events",
            updated_at=NOW,
            crumbs=(Link("トップ", "/top"), Link("開発者の方へ", "/dev")),
        )
        status, error = 200, None
        if path == "/":
            body = kit.render("preview/page.html", page, **sample())
        else:
            error = ResourceNotFound("there is no such page", detail_ja=f"「{path}」というページはありません。")
            status, body = error.status, _error(kit, error, page)
        await _html(send, status, body)

    return SecurityHeaders(LanguagePrefix(answer, ("/static", "/events")))


def _error(kit: Kit, error: KairoError, page: Page) -> str:
    return error_page(kit, error, page, reference="7F3A-21")


async def _html(send: Send, status: int, body: str) -> None:
    headers = [(b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode()})


async def _events(receive: Receive, send: Send) -> None:
    """A made-up room temperature and head count, every two seconds, as the real stream would send them."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
    for turn in range(1800):
        changes = [
            {"id": "urn:p:1", "attribute": "temperature", "value": 21.5 + turn % 7 / 10},
            {
                "id": "urn:p:1",
                "attribute": "people",
                "value": 41 + turn % 5,
                "coordinates": [131.4741 + turn % 3 * 0.001, 34.1785],
            },
        ]
        await send({"type": "http.response.body", "body": b"data: " + orjson.dumps(changes) + b"\n\n", "more_body": True})
        await asyncio.sleep(2)


def make_kit(*, reload: bool = False) -> tuple[Kit, StaticFiles]:
    """The kit with the preview's template."""
    static = StaticFiles(reload=reload)
    kit = Kit(_SITE, static=static, strict=True, reload=reload)
    kit.add("preview", Path(__file__).parent, templates=Path(__file__).parent / "templates" / "preview", messages=False)
    return kit, static


def app() -> App:
    """For granian's `--factory`."""
    return preview_app(*make_kit())


def main() -> None:
    """The command."""
    from granian.constants import Interfaces
    from granian.server import Server

    parser = argparse.ArgumentParser(prog="python -m kairo.platform.web.preview", description=__doc__)
    parser.add_argument("--port", type=int, default=8090)
    port = parser.parse_args().port
    sys.stdout.write(f"Preview: http://127.0.0.1:{port}/ja/\n")
    Server(
        f"{__name__ if __name__ != '__main__' else 'kairo.platform.web.preview'}:app",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGI,
        factory=True,
    ).serve()


if __name__ == "__main__":
    main()
