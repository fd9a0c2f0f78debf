"""Does the page hold in a real browser: no violation of axe-core, nothing cut on a phone, alive with and without scripts?"""

import re
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]
AXE = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations.map(v => [v.id, v.nodes.map(n => n.target)])"


@pytest.fixture
def visit(browser: Any, preview: str) -> Any:
    contexts = []

    def opened(path: str, width: int = 1280, height: int = 900, **more: Any) -> tuple[Any, list[str]]:
        context = browser.new_context(viewport={"width": width, "height": height}, locale="ja-JP", **more)
        contexts.append(context)
        page = context.new_page()
        trouble: list[str] = []
        page.on("console", lambda message: trouble.append(message.text) if message.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on(
            "request",
            lambda request: None if request.url.startswith((preview, "blob:", "data:")) else trouble.append(request.url),
        )
        page.goto(preview + path, wait_until="load")
        return page, trouble

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize(("path", "width"), [("/ja/", 1280), ("/ja-x-easy/", 360), ("/en/", 640)])
def test_axe_finds_nothing(visit: Any, axe: str, path: str, width: int) -> None:
    page, _ = visit(path, width)
    page.locator("[data-map-canvas]").scroll_into_view_if_needed()
    page.wait_for_selector(".map.is-live", timeout=30000)
    page.wait_for_selector(".live-status[data-state=running]")
    page.evaluate(axe)
    assert page.evaluate(AXE) == []


@pytest.mark.parametrize("width", [320, 360, 640, 1280])
@pytest.mark.parametrize("path", ["/ja/", "/ja-x-easy/", "/en/", "/ja/none"])
def test_nothing_is_cut(visit: Any, path: str, width: int) -> None:
    page, _ = visit(path, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    small = page.evaluate(
        "[...document.querySelectorAll('main *, header *, footer *')].filter(e => e.checkVisibility() && e.tagName !== 'RT'"
        " && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) && parseFloat(getComputedStyle(e).fontSize) < 16)"
        ".map(e => e.outerHTML.slice(0, 120))"
    )
    assert small == [], "letters below 16 px"


def test_the_map_and_the_list_are_one(visit: Any) -> None:
    page, trouble = visit("/ja/")
    page.locator("[data-map-canvas]").scroll_into_view_if_needed()
    page.wait_for_selector(".map.is-live", timeout=30000)
    page.get_by_role("button", name=re.compile("地図で見る.*平川小学校")).click()
    assert page.locator(".place.is-here .place-name").inner_text() == "平川小学校"
    assert page.locator(".map-popup-name").inner_text() == "平川小学校"
    page.locator("canvas.maplibregl-canvas").focus()
    page.keyboard.press("ArrowLeft")
    assert trouble == [], "nothing is blocked by the policy, nothing comes from elsewhere"


def test_values_change_while_one_looks(visit: Any) -> None:
    page, _ = visit("/en/")
    value = page.locator('[data-live="urn:p:1/people"]')
    first = value.inner_text()
    page.wait_for_function(
        "([key, was]) => document.querySelector(`[data-live='${key}']`).innerText !== was", arg=["urn:p:1/people", first]
    )
    assert page.locator("[data-live-words]").inner_text() == "Updates by itself"


def test_a_broken_stream_is_told_in_words(visit: Any) -> None:
    page, _ = visit("/ja/")
    page.wait_for_selector(".live-status[data-state=running]")
    page.route("**/events", lambda route: route.abort())
    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pagehide'))")
    page.wait_for_selector(".live-status[data-state=paused]")
    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    page.wait_for_selector(".live-status[data-state=stopped]", timeout=15000)


def test_without_scripts_everything_is_there(visit: Any) -> None:
    page, _ = visit("/ja/", 360, java_script_enabled=False)
    assert page.locator(".overview-narrow .point").count() == 6
    assert page.locator(".overview-narrow").is_visible()
    assert page.locator(".place").count() == 7
    assert page.locator(".chart-narrow").first.is_visible()
    assert page.locator("[data-live-words]").inner_text().startswith("自動では更新されません")
    page.locator("details.menu summary").click()
    assert page.locator("details.menu a").first.is_visible()
    page.locator("details.numbers summary").first.click()
    assert page.locator("details.numbers table").first.is_visible()


def test_the_keyboard_reaches_the_content_first(visit: Any) -> None:
    page, _ = visit("/ja/none")
    page.keyboard.press("Tab")
    skip = page.evaluate("[document.activeElement.className, getComputedStyle(document.activeElement).outlineWidth]")
    assert skip == ["skip", "4px"]
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_furigana_can_be_hidden(visit: Any) -> None:
    page, _ = visit("/ja-x-easy/", 360)
    page.get_by_role("button", name="ふりがなをかくす").click()
    assert not page.locator("rt").first.is_visible()
    page.reload()
    assert not page.locator("rt").first.is_visible()


def test_paper_has_the_numbers(visit: Any) -> None:
    page, _ = visit("/ja/")
    page.emulate_media(media="print")
    assert page.locator(".numbers table").first.is_visible()
    assert not page.locator(".site-nav").is_visible()
    assert page.locator(".overview-wide").is_visible()


def test_htmx_exchanges_a_part_and_sends_the_token(visit: Any) -> None:
    page, trouble = visit("/ja/none")
    sent: list[dict[str, str]] = []

    def answer(route: Any) -> None:
        sent.append(route.request.headers)
        route.fulfill(body="<p id='came'>来ました</p>", content_type="text/html")

    page.route("**/part", answer)
    page.evaluate(
        """async () => {
            document.body.dataset.csrf = "token";
            document.querySelector("main").innerHTML = '<button hx-post="/part" hx-target="#main">x</button>';
            const module = document.querySelector("script[type=module]").src;
            await import(module.replace("kairo.js", "htmx.js"));
            window.htmx.process(document.body);
        }"""
    )
    page.get_by_role("button", name="x", exact=True).click()
    page.wait_for_selector("#came")
    assert sent[0]["x-csrftoken"] == "token"
    assert not [words for words in trouble if "404" not in words], "htmx needs nothing that the policy blocks"
