"""Does every page hold, whoever adds one: in three languages, on a phone, without scripts, for axe-core, by the policy?

The pages come from `kairo.parts.routes()`: what answers in HTML is walked. A new parameter of a path needs an example here.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser

from kairo.app import UNPREFIXED
from kairo.parts import routes
from kairo.platform.i18n import LANGUAGES
from tests.browser.conftest import Program, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]
EXAMPLES = {
    "number": ("3",),
    "slug": ("yuda",),
    "indicator": ("fertility",),
    "file": ("fertility.csv",),
    "id": (
        "urn:ngsi-ld:Sensor:352039:synthetic-river-level-01",
        "urn:ngsi-ld:EmergencyEvacuationSite:352039:E3520300001201",
        "urn:ngsi-ld:City:352039:yamaguchi",
    ),
}
ALSO = ("/map?layer=evacuation-sites&layer=shelters", "/search?q=湯田", "/search?q=そんなものはない", "/enter?link=x")
SOMEBODYS = (
    "/me/",
    "/console/",
    "/sign-in/",
    "/statistics/",
)  # what someone made or owns stands under these: their own tests visit it
PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")
# Colours are the same in every language, and to measure them takes half of the time: once is enough.
AXE = """async (colours) => (await axe.run(document, {resultTypes: ["violations"], preload: false,
  rules: {"color-contrast": {enabled: colours}}})).violations.map((v) => [v.id, v.nodes.map((n) => n.target)])"""
HEADING = """() => { const copy = document.querySelector("h1").cloneNode(true);
  copy.querySelectorAll("rt, rp").forEach((reading) => reading.remove()); return copy.textContent.replace(/\\s+/g, "") }"""
TWICE = "() => { document.documentElement.style.fontSize = '200%'; return document.documentElement.scrollWidth - innerWidth }"
CUT = """() => [...document.querySelectorAll("main *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1
  && e.checkVisibility() && !e.closest(".table-region, pre, .map, .visually-hidden, .chart svg")).map((e) => e.outerHTML.slice(0, 90))"""


def addresses() -> Iterator[str]:
    """Every GET route below a language, with its parameters filled in."""
    for route in routes():
        if route.method != "GET" or route.path.startswith(UNPREFIXED):
            continue
        names = PARAMETER.findall(route.path)
        if names and route.path.startswith(SOMEBODYS):
            continue
        missing = [name for name in names if name not in EXAMPLES]
        assert not missing, f"{route.path}: say in EXAMPLES what may stand for {missing}"
        for example in EXAMPLES[names[0]] if names else ("",):
            yield PARAMETER.sub(example, route.path)


def is_page(program: Program, path: str) -> bool:
    """Whether a browser is answered with a page there; anything must be found, but for what asks to sign in, for a link, or for what an
    application sends along."""
    answer = httpx.get(f"{program.base}/ja{path}", headers={"accept": "text/html"}, timeout=30)
    if answer.status_code in {303, 400, 401}:
        return False
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    is_passed_through = b'http-equiv="refresh"' in answer.content  # leads on by itself
    return answer.headers["content-type"].startswith("text/html") and not is_passed_through


@pytest.fixture(scope="module")
def pages(program: Program) -> list[str]:
    """The addresses of all pages, without language."""
    found = [path for path in addresses() if is_page(program, path)]
    assert len(found) > 12
    return [*found, *ALSO]


def without_moving_maps(visitor: Visitor) -> None:
    """Leaves the drawn maps: the moving ones take most of a small machine's time, and one walk with them is enough."""
    visitor.context.route(
        "**/maplibre-gl.mjs", lambda route: route.fulfill(content_type="text/javascript", body="export default {};")
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_on_a_phone(browser: Browser, program: Program, pages: list[str], axe: str, language: str) -> None:
    visitor = Visitor(browser, program.base, 360, 740)
    if language != "ja":
        without_moving_maps(visitor)
    page, found = visitor.page, {}
    for path in pages if language == "ja" else [path for path in pages if path not in ALSO]:
        visitor.trouble.clear()
        status = visitor.goto(f"/{language}{path}")
        page.evaluate(axe)
        heading = page.evaluate(HEADING)
        wrong = {
            "status": status if status != 200 else None,
            "axe": page.evaluate(AXE, language == "ja"),
            "width": page.evaluate("document.documentElement.scrollWidth - innerWidth"),
            "cut": page.evaluate(CUT),
            "language": page.evaluate("document.documentElement.lang") != language,
            "h1": page.locator("h1").count() - 1,
            "title": not heading or heading not in "".join(page.title().split()),
            "policy": page.evaluate("window.forbidden"),
            "console": list(visitor.trouble),
        }
        if any(wrong.values()):
            found[path] = {name: value for name, value in wrong.items() if value}
    visitor.close()
    assert not found, "\n".join(f"{path}: {wrong}" for path, wrong in found.items())


def test_every_page_without_scripts_with_large_letters_and_where_it_leads(
    browser: Browser, program: Program, pages: list[str]
) -> None:
    visitor = Visitor(browser, program.base, 360, 740, java_script_enabled=False)
    page, wanted, wide = visitor.page, set[str](), {}
    for path in pages:
        page.set_viewport_size({"width": 360, "height": 740})
        assert visitor.goto(f"/ja{path}") == 200
        assert len(page.locator("main").inner_text()) > 50, path
        for drawn in page.locator(".map").all():
            assert drawn.locator(".overview-narrow .overview-land").is_visible(), path
        wanted |= set(page.locator("a[href^='/']").evaluate_all("all => all.map((a) => a.getAttribute('href').split('#')[0])"))
        page.set_viewport_size({"width": 1280, "height": 800})
        wide[path] = page.evaluate(TWICE)
    visitor.close()
    assert not {path: width for path, width in wide.items() if width > 0}
    kinds: dict[str, str] = {}  # one of each kind of address: /ja/entities/urn:ngsi-ld:Town:… stands for all towns
    for address in sorted(wanted):
        kinds.setdefault(re.sub(r"[^/:]+$", "", urlsplit(address).path) + urlsplit(address).query[:12], address)
    with httpx.Client(base_url=program.base, headers={"accept": "text/html, */*"}, timeout=30, follow_redirects=True) as client:
        broken = {address: status for address in kinds.values() if (status := client.get(address).status_code) != 200}
    assert not broken
    assert len(kinds) > 10
