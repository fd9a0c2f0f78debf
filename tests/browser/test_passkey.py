"""Does a passkey work in a real browser, from its making to the sign-in, and is every page of identity good to use?

The authenticator is Chromium's own virtual one; everything else is real.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Program, Visitor

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
PAGES = {"山口 花子": ["/ja/sign-in", "/ja/me/sessions", "/ja/me/mandates", "/en/me/mandates", "/ja-x-easy/me/sessions"]}


@pytest.fixture
def at_home(browser: Any, program: Program) -> Any:
    """A visitor under the name at which passkeys work, with an authenticator; its id and its connection."""
    visitor = Visitor(browser, program.base.replace("127.0.0.1", "localhost"), 390)
    cdp = visitor.context.new_cdp_session(visitor.page)
    cdp.send("WebAuthn.enable")
    id = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})["authenticatorId"]
    yield visitor, cdp, id
    visitor.close()


def click_in(visitor: Visitor, name: str) -> None:
    visitor.goto("/ja/sign-in?back=/me/sessions")
    visitor.page.get_by_role("button", name=f"{name}としてログイン").click()
    visitor.page.wait_for_url("**/ja/me/sessions")


def test_a_passkey_is_made_and_signs_in(at_home: Any) -> None:
    visitor, cdp, id = at_home
    page = visitor.page
    click_in(visitor, "山口 花子")
    page.get_by_label("この端末の呼び名").fill("花子の電話")
    page.get_by_role("button", name="この端末にパスキーを追加する").click()
    expect(page.get_by_role("heading", name="花子の電話")).to_be_visible()
    assert len(cdp.send("WebAuthn.getCredentials", {"authenticatorId": id})["credentials"]) == 1

    page.locator(".menu > summary").click()
    page.locator(".menu").get_by_role("button", name="ログアウト").click()
    visitor.goto("/ja/sign-in?back=/me/mandates")
    page.get_by_role("button", name="パスキーでログインする").click()
    page.wait_for_url("**/ja/me/mandates")
    expect(page.get_by_role("heading", name="わたしの代理をする人")).to_be_visible()

    visitor.goto("/ja/me/sessions")
    expect(page.get_by_role("heading", name=re.compile("^パスキー.*この端末"))).to_be_visible()
    assert visitor.trouble == []
    assert page.evaluate("window.forbidden") == []


def test_who_does_not_confirm_stays_outside(at_home: Any) -> None:
    visitor, cdp, id = at_home
    page = visitor.page
    click_in(visitor, "山口 太郎")
    page.get_by_role("button", name="この端末にパスキーを追加する").click()
    expect(page.locator("[aria-labelledby=passkeys] article")).to_have_count(1)
    cdp.send("WebAuthn.setUserVerified", {"authenticatorId": id, "isUserVerified": False})
    visitor.context.clear_cookies()
    visitor.goto("/ja/sign-in")
    page.get_by_role("button", name="パスキーでログインする").click()
    expect(page.locator("#passkey-status")).to_contain_text("もう一度お試しください")
    assert "/sign-in" in page.url


def test_elsewhere_the_page_says_where_passkeys_work(visit: Callable[..., Visitor], program: Program) -> None:
    visitor = visit("/ja/sign-in")
    expect(visitor.page.locator("#passkey-status")).to_contain_text("http://localhost:")
    expect(visitor.page.get_by_role("button", name="パスキーでログインする")).to_be_hidden()


@pytest.mark.parametrize("width", [390, 1280])
def test_pages_of_identity_have_no_barriers(visit: Callable[..., Visitor], axe: str, width: int) -> None:
    visitor = visit("/ja/sign-in?back=/me/sessions", width)
    found = []
    for number, path in enumerate(PAGES["山口 花子"]):
        if number == 1:
            click_in(visitor, "山口 花子")
        visitor.goto(path)
        visitor.page.evaluate(axe)
        violations = visitor.page.evaluate("axe.run(document, {preload: false}).then((found) => found.violations)")
        found += [(path, one["id"], [node["html"][:160] for node in one["nodes"]]) for one in violations]
        wide = visitor.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        found += [(path, "wider than the window", [])] if wide else []
    assert found == []
    assert visitor.trouble == []
