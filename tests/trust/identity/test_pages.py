"""Do the pages of coming in and going out say what to do, take only forms of this site, and set a cookie that scripts do not see?"""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.di import Provide
from litestar.testing import TestClient

from kairo.context.gate import DataClass, Scope
from kairo.frame import exception_handlers, kept_by_nobody, navigation, page_of
from kairo.platform.manifests import Manifest, Navigation
from kairo.platform.web import Kit, LanguagePrefix, Page, Site
from kairo.settings import Settings
from kairo.trust.gate import SESSION_COOKIE
from kairo.trust.identity import manifest as identity
from kairo.trust.identity.pages import enter, leave, show_enter
from kairo.trust.identity.sessions.service import Lives

PUBLIC = Scope("352039", "anonymous:", read_classes=frozenset({DataClass.OPEN}))
INSIDE = Scope("352039", "administrator:local", read_classes=frozenset(DataClass))


class OneLink:
    """Credentials with one link, `good`, that works once."""

    sessions = SimpleNamespace(lives=Lives())

    def __init__(self) -> None:
        self.links = {"good"}
        self.left: list[str] = []

    async def enter(self, link: str, device: str = "") -> str | None:
        used = link in self.links
        self.links.discard(link)
        return "session-secret" if used else None

    async def leave(self, secret: str) -> None:
        self.left.append(secret)


@pytest.fixture
def credentials() -> OneLink:
    return OneLink()


@pytest.fixture
def scope() -> Scope:
    """Who asks; a test overrides it."""
    return PUBLIC


@pytest.fixture
def client(credentials: OneLink, scope: Scope) -> Any:
    kit = Kit(Site(), strict=True)
    kit.add("identity", Path(str(identity.__file__)).parent)
    parts, settings = (identity.MANIFEST,), Settings()

    async def page(request: Request[Any, Any, State]) -> Page:
        return page_of(request, scope, parts, kit, settings)

    application = Litestar(
        route_handlers=[show_enter, enter, leave],
        dependencies={
            "kit": Provide(lambda: kit, sync_to_thread=False),
            "credentials": Provide(lambda: credentials, sync_to_thread=False),
            "page": Provide(page),
        },
        exception_handlers=exception_handlers(kit, parts, settings),
        before_send=[kept_by_nobody],
        openapi_config=None,
        logging_config=None,
    )
    prefixed: Any = LanguagePrefix(application, unprefixed=())  # type: ignore[arg-type]
    found = TestClient(app=prefixed, base_url="http://testserver.local")
    found.follow_redirects = False
    return found


@pytest.mark.parametrize(("language", "button"), [("ja", "ログインする"), ("ja-x-easy", "入"), ("en", "Sign in")])
def test_a_link_asks_for_a_click(client: Any, credentials: OneLink, language: str, button: str) -> None:
    text = client.get(f"/{language}/enter", params={"link": "good"}).text
    assert button in text.split("<main")[1]
    assert 'value="good"' in text
    assert credentials.links == {"good"}, "looking does not use it up"


def test_without_a_link_it_says_where_to_get_one(client: Any) -> None:
    text = client.get("/ja/enter").text
    assert "kairo link" in text
    assert "<form method" not in text.split("<main")[1]


def test_a_link_works_once_and_scripts_do_not_see_the_cookie(client: Any) -> None:
    answer = client.post("/en/enter", data={"link": "good"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/en/")
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith(f"{SESSION_COOKIE}=session-secret")
    for flag in ("httponly", "samesite=strict", "path=/", "max-age=43200"):
        assert flag in cookie
    again = client.post("/ja/enter", data={"link": "good"}, headers={"accept": "text/html"})
    assert again.status_code == 401
    assert "使用済み" in again.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "none"}, 303),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"origin": "http://testserver.local"}, 303),
        ({"origin": "http://elsewhere.example"}, 403),
        ({"origin": "null"}, 403),
    ],
)
@pytest.mark.parametrize("path", ["/leave", "/enter"])
def test_only_forms_of_this_site_count(
    client: Any, credentials: OneLink, path: str, headers: dict[str, str], status: int
) -> None:
    client.cookies.set(SESSION_COOKIE, "mine")
    assert client.post(path, data={"link": "good"}, headers=headers).status_code == status
    assert (credentials.left == ["mine"]) is (status == 303 and path == "/leave")
    assert ("good" in credentials.links) is (status == 403 or path == "/leave")


@pytest.mark.parametrize("scope", [INSIDE])
def test_who_is_inside_sees_it_and_the_way_out(client: Any) -> None:
    text = client.get("/ja/enter", params={"link": "good"}).text
    assert "管理者としてログインしています" in text
    assert '<form class="sign-out" method="post" action="/ja/leave">' in text


def test_pages_for_the_public_are_asked_for_anew(client: Any) -> None:
    answer = client.get("/ja/enter")
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["vary"] == "cookie"


@pytest.mark.parametrize("scope", [INSIDE])
def test_pages_for_who_is_inside_are_kept_nowhere(client: Any) -> None:
    assert client.get("/ja/enter").headers["cache-control"] == "no-store"


def test_the_foot_begins_at_ninety() -> None:
    part = Manifest(
        "x",
        {"ja": "x"},
        {"ja": "x"},
        navigation=(Navigation("/about", {"ja": "紹介"}, 90), Navigation("/map", {"ja": "地図《ちず》"}, 10)),
    )
    head, foot = navigation((part,), "ja-x-easy")
    assert [link.href for link in foot] == ["/about"]
    assert head[0].label == "地図"
    assert "<rt>ちず</rt>" in head[0].label.__html__()  # type: ignore[attr-defined]
