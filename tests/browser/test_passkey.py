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
MINE = ["/ja/sign-in", "/ja/me/sessions", "/ja/me/mandates", "/en/me/mandates", "/ja-x-easy/me/sessions"]


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


def barriers(visitor: Visitor, axe: str) -> list[Any]:
    """What stands in the way on the page that is open: for axe-core, or wider than the window."""
    page = visitor.page
    page.evaluate(axe)
    violations = page.evaluate("axe.run(document, {preload: false}).then((found) => found.violations)")
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    found: list[Any] = [(page.url, one["id"], [node["html"][:160] for node in one["nodes"]]) for one in violations]
    return found + ([(page.url, "wider than the window")] if wide else []) + visitor.trouble


@pytest.mark.parametrize("width", [390, 1280])
def test_pages_of_identity_have_no_barriers(visit: Callable[..., Visitor], axe: str, width: int) -> None:
    visitor = visit("/ja/sign-in?back=/me/sessions", width)
    found = barriers(visitor, axe)
    click_in(visitor, "山口 花子")
    for path in MINE:
        visitor.goto(path)
        found += barriers(visitor, axe)
    assert found == []


@pytest.mark.parametrize("width", [390, 1280])
def test_the_counter_finds_and_gives_a_link_that_works(
    browser: Any, program: Program, axe: str, width: int, at_home: Any
) -> None:
    """A clerk gives 阿東 正 a link; on their own device it makes a passkey, which signs in."""
    clerk = Visitor(browser, program.base, width)
    clerk.goto("/ja/sign-in")
    clerk.page.get_by_role("button", name="窓口 一郎としてログイン").click()
    clerk.goto("/ja/console/duty")
    clerk.page.locator(".card", has_text="住民の届出と相談の受付").get_by_role("button").click()
    clerk.goto("/ja/console/people")
    found = barriers(clerk, axe)
    clerk.page.get_by_label("氏名").fill("阿東正")
    for part, value in (("年", "1954"), ("月", "2"), ("日", "20")):
        clerk.page.get_by_role("group", name="生年月日").get_by_label(part).fill(value)
    clerk.page.get_by_role("button", name="確認する").click()
    expect(clerk.page.get_by_role("heading", name="阿東 正")).to_be_visible()
    for folded in clerk.page.locator("details.disclosure > summary").all():
        folded.click()
    found += barriers(clerk, axe)
    form = clerk.page.locator("form", has=clerk.page.get_by_role("button", name="リンクを発行する"))
    form.get_by_label("理由と確認した書類").fill("紛失、運転免許証")
    form.get_by_role("button", name="リンクを発行する").click()
    link = clerk.page.locator("figure a").get_attribute("href")
    assert link
    assert clerk.page.locator("figure svg").bounding_box()
    found += barriers(clerk, axe)
    clerk.close()
    assert found == []

    visitor, _, _ = at_home
    visitor.page.goto(link)
    visitor.page.get_by_role("button", name="パスキーを登録する").click()
    visitor.page.wait_for_url("**/ja/me")
    visitor.goto("/ja/me/sessions")
    expect(visitor.page.get_by_role("heading", name=re.compile("窓口のリンク"))).to_be_visible()
    assert visitor.trouble == []
