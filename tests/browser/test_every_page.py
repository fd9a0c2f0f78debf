"""Does every page hold, whoever adds one: in three languages, on a phone, without scripts, for axe-core, by the policy?

The pages come from `kairo.app.routes()`: what answers in HTML is walked. A new parameter of a path needs an example here.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser

from kairo.app import UNPREFIXED, routes
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
PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")
AXE = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations.map(v => [v.id, v.nodes.map(n => n.target)])"
CUT = """() => [...document.querySelectorAll("main *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1
  && e.checkVisibility() && !e.closest(".table-region, pre, .map, .visually-hidden, .chart svg")).map((e) => e.outerHTML.slice(0, 90))"""


def addresses() -> Iterator[str]:
    """Every GET route below a language, with its parameters filled in."""
    for route in routes():
        if route.method != "GET" or route.path.startswith(UNPREFIXED):
            continue
        names = PARAMETER.findall(route.path)
        missing = [name for name in names if name not in EXAMPLES]
        assert not missing, f"{route.path}: say in EXAMPLES what may stand for {missing}"
        for example in EXAMPLES[names[0]] if names else ("",):
            yield PARAMETER.sub(example, route.path)


def is_page(program: Program, path: str) -> bool:
    """Whether a browser is answered with a page there; anything must be found."""
    answer = httpx.get(f"{program.base}/ja{path}", headers={"accept": "text/html"}, timeout=30)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    return answer.headers["content-type"].startswith("text/html")


@pytest.fixture(scope="module")
def pages(program: Program) -> list[str]:
    """The addresses of all pages, without language."""
    found = [path for path in addresses() if is_page(program, path)]
    assert len(found) > 12
    return [*found, *ALSO]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_on_a_phone(browser: Browser, program: Program, pages: list[str], axe: str, language: str) -> None:
    visitor = Visitor(browser, program.base, 360, 740)
    page, found = visitor.page, {}
    for path in pages:
        visitor.trouble.clear()
        status = visitor.goto(f"/{language}{path}")
        page.evaluate(axe)
        heading = "".join(page.locator("h1").first.evaluate("e => { const c = e.cloneNode(true);"
                                                            " c.querySelectorAll('rt, rp').forEach((r) => r.remove()); return c.textContent }").split())  # fmt: skip
        wrong = {
            "status": status if status != 200 else None,
            "axe": page.evaluate(AXE),
            "policy": page.evaluate("window.forbidden"),
            "console": list(visitor.trouble),
            "width": page.evaluate("document.documentElement.scrollWidth") - 360,
            "cut": page.evaluate(CUT),
            "language": page.evaluate("document.documentElement.lang") != language,
            "h1": page.locator("h1").count() - 1,
            "title": not heading or heading not in "".join(page.title().split()),
        }
        if any(wrong.values()):
            found[path] = {name: value for name, value in wrong.items() if value}
    visitor.close()
    assert not found


def test_every_page_without_scripts(browser: Browser, program: Program, pages: list[str]) -> None:
    visitor = Visitor(browser, program.base, 360, 740, java_script_enabled=False)
    for path in pages:
        assert visitor.goto(f"/ja{path}") == 200
        assert len(visitor.page.locator("main").inner_text()) > 60, path
        assert visitor.page.locator(".no-script-hidden").count() == 0
        for drawn in visitor.page.locator(".map").all():
            assert drawn.locator(".overview-narrow .overview-land").is_visible(), path
    visitor.close()


def test_every_page_at_twice_the_letters(browser: Browser, program: Program, pages: list[str]) -> None:
    visitor = Visitor(browser, program.base, 1280, 800)
    wide = {}
    for path in pages:
        visitor.goto(f"/ja{path}")
        visitor.page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
        wide[path] = visitor.page.evaluate("document.documentElement.scrollWidth")
    visitor.close()
    assert not {path: width for path, width in wide.items() if width > 1280}


def test_every_link_of_a_page_leads_somewhere(browser: Browser, program: Program, pages: list[str]) -> None:
    visitor = Visitor(browser, program.base, java_script_enabled=False)
    wanted: set[str] = set()
    for path in pages:
        visitor.goto(f"/en{path}")
        found = visitor.page.locator("main a[href^='/'], footer a[href^='/'], header a[href^='/']")
        wanted |= set(found.evaluate_all("all => all.map((a) => a.getAttribute('href').split('#')[0])"))
    visitor.close()
    seen_shapes: dict[str, str] = {}  # one of each kind of address: /en/entities/urn:ngsi-ld:Town:… stands for all towns
    for address in sorted(wanted):
        seen_shapes.setdefault(re.sub(r"[^/:]+$", "", urlsplit(address).path) + urlsplit(address).query[:12], address)
    with httpx.Client(base_url=program.base, headers={"accept": "text/html, */*"}, timeout=30, follow_redirects=True) as client:
        broken = {address: status for address in seen_shapes.values() if (status := client.get(address).status_code) != 200}
    assert not broken
    assert len(seen_shapes) > 10
