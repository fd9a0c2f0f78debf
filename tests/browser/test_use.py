"""Can it be used: by keyboard, by map and list, live, searched, switched, printed, signed in to, and does it err in words?"""

import re
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Program, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SOMEONE = "/entities/urn:ngsi-ld:ResidentProfile:352039:birch-20"
FOCUS = """() => { const e = document.activeElement, s = getComputedStyle(e);
  return [e.tagName, e.id || e.className || e.textContent.trim().slice(0, 20), parseFloat(s.outlineWidth) >= 2 && s.outlineStyle !== "none"] }"""
BUSES = "() => Object.fromEntries(window.theMap.getStyle().sources.points.data.features.map((f) => [f.properties.id, f.geometry.coordinates.join()]))"


def test_the_keyboard_skips_and_is_seen(visit: Any) -> None:
    page = visit("/ja/map").page
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUS)[1] == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    unseen = []
    for _ in range(14):
        page.keyboard.press("Tab")
        tag, name, seen = page.evaluate(FOCUS)
        if not seen and tag not in {"BODY", "CANVAS"}:
            unseen.append((tag, name))
    assert not unseen


def test_the_list_of_the_map_works_by_keyboard(visit: Any) -> None:
    visitor = visit("/ja/map?layer=evacuation-sites")
    page = visitor.page
    page.wait_for_selector(".map.is-live", timeout=30000)
    fold = page.locator(".place-group > summary")
    fold.focus()
    was_open = page.locator(".place-group").evaluate("e => e.open")
    page.keyboard.press("Enter")
    assert page.locator(".place-group").evaluate("e => e.open") is not was_open
    page.locator(".place-group").evaluate("e => { e.open = true }")
    button = page.get_by_role("button", name=re.compile("地図で見る.*架空第3小学校"))
    button.focus()
    page.keyboard.press("Enter")
    assert page.locator(".place.is-here .place-name").inner_text() == "架空第3小学校"
    assert "架空第3小学校" in page.locator(".map-popup").inner_text()
    assert "洪水" in page.locator(".map-popup").inner_text()
    assert visitor.trouble == []


def test_values_change_within_five_seconds_and_say_when(visit: Any) -> None:
    page = visit("/ja/current-values").page
    texts = "() => [...document.querySelectorAll('[data-live-text]')].map((e) => e.textContent).join('|')"
    first = page.evaluate(texts)
    page.wait_for_function(f"(was) => ({texts})() !== was", arg=first, timeout=5000)
    assert page.locator("[data-live-words]").inner_text() == "自動で更新しています"
    age = page.evaluate("Date.now() - Date.parse(document.querySelector('[data-live-time]').dateTime)")
    assert age < 90_000
    assert re.fullmatch(r"\d{1,2}:\d\d", page.locator("[data-live-at]").first.inner_text())


def test_buses_move_on_the_map(visit: Any) -> None:
    page = visit("/ja/map?layer=buses").page
    page.wait_for_selector(".map.is-live", timeout=30000)
    first = page.evaluate(BUSES)
    assert len(first) == 10
    page.wait_for_function(f"(was) => Object.entries(({BUSES})()).some(([id, at]) => was[id] !== at)", arg=first, timeout=8000)


@pytest.mark.parametrize("typed", ["ゆだ", "湯田", "ﾕﾀﾞ"])
def test_search_finds_however_it_is_typed(visit: Any, typed: str) -> None:
    page = visit("/ja/").page
    page.get_by_role("searchbox").fill(typed)
    page.keyboard.press("Enter")
    page.wait_for_url("**/ja/search?**")
    hits = page.locator(".hit-title a").evaluate_all("all => all.map((a) => a.getAttribute('href'))")
    assert "/ja/districts/yuda" in hits
    assert page.get_by_role("searchbox").input_value() == typed


def test_languages_keep_the_place(visit: Any) -> None:
    visitor = visit("/ja/map?layer=buses&q=1")
    visitor.page.get_by_role("link", name="English").click()
    address = urlsplit(visitor.page.url)
    assert (address.path, address.query) == ("/en/map", "layer=buses&q=1")
    assert visitor.page.get_by_role("heading", level=1).inner_text() == "Map"
    visitor.goto("/about")
    assert urlsplit(visitor.page.url).path == "/en/about", "the language chosen last is remembered"


def test_what_is_not_there_is_told_in_words(visit: Any, program: Program) -> None:
    for path, words in (
        ("/ja/nothing", "ページが見つかりません"),
        ("/en/entities/urn:none", "not"),
        ("/ja-x-easy/districts/none", "ページ"),
    ):
        visitor = visit(path)
        assert words in visitor.page.get_by_role("heading", level=1).inner_text()
        assert visitor.page.locator("main").get_by_role("link").count() >= 1
        assert "Traceback" not in visitor.page.content()
    wrong = visit("/ja/search?q=a&offset=x")
    assert wrong.page.get_by_role("heading", level=1).inner_text() == "送られた内容を読み取れませんでした"
    assert "どうすればよいか" in wrong.page.locator("main").inner_text()
    program_asks = httpx.get(f"{program.base}/ja/nothing", headers={"accept": "application/json"})
    assert program_asks.headers["content-type"] == "application/problem+json"


def test_paper_has_the_content_alone(visit: Any) -> None:
    page = visit("/ja/map?layer=districts").page
    page.emulate_media(media="print")
    for hidden in (".site-nav", ".search", ".languages", ".filter", ".place-show", ".breadcrumbs"):
        assert not page.locator(hidden).first.is_visible(), hidden
    for shown in ("h1", ".overview-wide", ".place-name", ".map-source"):
        assert page.locator(shown).first.is_visible(), shown


def test_the_administrator_comes_in_once_and_goes_out(browser: Browser, program: Program) -> None:
    inside, outside = Visitor(browser, program.base), Visitor(browser, program.base)
    assert outside.goto(f"/ja{SOMEONE}") == 404
    inside.goto(program.link.removeprefix(program.base))
    inside.page.get_by_role("button", name="ログインする").click()
    inside.page.wait_for_url("**/ja/")
    assert "管理者" in inside.page.locator(".site-tools .account").inner_text()
    assert inside.goto(f"/ja{SOMEONE}") == 200
    assert "福田さん" in inside.page.get_by_role("heading", level=1).inner_text()
    assert "個人の情報です" in inside.page.locator("main").inner_text()
    cookie = next(one for one in inside.context.cookies() if one["name"] == "kairo_session")
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"

    outside.goto(program.link.removeprefix(program.base))
    outside.page.get_by_role("button", name="ログインする").click()
    outside.page.wait_for_load_state()
    assert "使用済み" in outside.page.locator("main").inner_text()
    assert outside.goto(f"/ja{SOMEONE}") == 404

    foreign = {
        "origin": "https://elsewhere.example",
        "cookie": f"kairo_session={cookie['value']}",
        "sec-fetch-site": "cross-site",
    }
    assert httpx.post(f"{program.base}/leave", headers=foreign).status_code == 403
    assert inside.goto(f"/ja{SOMEONE}") == 200
    inside.page.locator(".site-tools").get_by_role("button", name="ログアウト").click()
    inside.page.wait_for_url("**/ja/")
    assert inside.page.get_by_role("button", name="ログアウト").count() == 0
    assert inside.goto(f"/ja{SOMEONE}") == 404
    inside.close()
    outside.close()


def test_a_person_is_not_found_by_search(program: Program) -> None:
    answer = httpx.get(f"{program.base}/ja/search?q={quote('福田さん')}", headers={"accept": "text/html"})
    assert "birch-20" not in answer.text
