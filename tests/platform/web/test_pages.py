"""Do pages come out whole, escaped and in the reader's language, and do errors speak to people?"""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from jinja2 import UndefinedError

from kairo.errors import Forbidden, KairoError, ResourceNotFound, Unavailable, all_errors
from kairo.platform.i18n import LANGUAGES, Language
from kairo.platform.web import Account, Kit, Link, Page, Place, error_page, links
from kairo.platform.web.overview import Land, draw, extent, geojson
from kairo.platform.web.preview import make_kit
from kairo.platform.web.preview_sample import sample

EVIL = """<script>alert(1)</script>"'&《》{{ 7 }}"""
VOID = {"meta", "link", "input", "br", "hr", "img", "path", "rect", "circle"}


class Checker(HTMLParser):
    """Notes open elements, ids and what the policy would block."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if given.get("id"):
            self.ids.append(str(given["id"]))
        self.wrong += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        self.wrong += [f"{tag} {name}" for name, value in attrs if value and "<ruby>" in value]
        if tag == "style" or (tag == "script" and given.get("type") != "application/json" and not given.get("src")):
            self.wrong.append(f"inline {tag}")

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open[-1] != tag:
            self.wrong.append(f"</{tag}> closes {self.open[-1:]}")
        else:
            self.open.pop()


def checked(html: str) -> Checker:
    found = Checker()
    found.feed(html)
    assert found.wrong == []
    assert found.open == []
    assert len(found.ids) == len(set(found.ids)), "an id stands twice"
    return found


def page(language: Language = "ja", **more: object) -> Page:
    given = {"title": "見本", "language": language, "path": "/a/b?x=1", "nav": links([("A", "/a"), ("B", "/b")])} | more
    return Page(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_renders_in_every_language(language: Language) -> None:
    kit, _ = make_kit()
    given = page(language, stream="/events", updated_at=datetime(2026, 1, 1, tzinfo=UTC), synthetic=True, drill="訓練です",
                 crumbs=(Link("上", "/a"),), account=Account("花子", "/me", "/out"), csrf="token")  # fmt: skip
    html = kit.render("preview/page.html", given, **sample())
    found = checked(html)
    assert {"main", "population", "shelters-title"} <= {*found.ids, "population"}
    assert f'<html lang="{language}"' in html
    for tag in LANGUAGES:
        assert f'href="/{tag}/a/b?x=1"' in html, "the switch keeps the path and the query"
    assert re.search(rf'href="/{language}/a"[^>]*aria-current="page"', html)


def test_all_that_comes_from_outside_is_escaped(kit: Kit) -> None:
    source = """{{ ui.notice("info", x, x) }}{{ ui.card(x, x, x, [x], x) }}{{ ui.table(x, [x, {"label": x, "numeric": true, "unit": x}],
      [(x, x)], note=x) }}{{ form.field("f", x, value=x, support=x, error=x) }}{{ form.select("s", x, [(x, x)], value=x) }}
      {{ form.textarea("a", x, value=x) }}{{ form.radios("r", x, [(x, x)], x) }}{{ form.date("d", x, year=x) }}{{ ui.stat(x, x, x, x) }}
      {{ ui.facts([(x, x)]) }}{{ geo.map_list("m", x, places, kinds={1: x}, names=[(x, 131.4, 34.1)]) }}
      {{ ui.button(x, attributes={"data-x": x}) }}{{ ui.progress_steps([x], 0, x, [x]) }}{{ pick({"en": x}) }}{{ x|ruby }}"""
    places = (Place(id=EVIL, label=EVIL, longitude=131.4, latitude=34.1, text=EVIL, href="/x"),)
    html = kit.environment("ja").from_string(source).render(x=EVIL, places=places)
    assert "<script>alert" not in html
    assert "</script>alert" not in html
    assert html.count("<script") == html.count('<script type="application/json"')
    checked(html)


def test_a_misspelt_variable_is_an_error(kit: Kit) -> None:
    with pytest.raises(UndefinedError):
        kit.environment("ja").from_string("{{ pgae.title }}").render(page=page())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_has_a_page_that_says_what_to_do(kit: Kit, language: Language) -> None:
    for kind in all_errors():
        html = error_page(kit, kind("secret trace <x>", detail_ja="くわしい説明 <x>"), page(language), reference="R-1")
        checked(html)
        assert "083-000-0000" in html
        assert "R-1" in html
        assert "<x>" not in html
        if kind.status >= 500:
            assert "secret" not in html


def test_what_an_error_says_itself_wins(kit: Kit) -> None:
    html = error_page(kit, Forbidden("no", mend="Ask her.", mend_ja="ご本人に頼んでください。"), page())
    assert "ご本人に頼んでください。" in html
    html = error_page(kit, ResourceNotFound("no"), page())
    assert "テナント" not in html, "a default meant for programs is not shown to residents"
    assert "ただいまご利用いただけません" in error_page(kit, Unavailable(), page())
    assert error_page(kit, KairoError(), page("en")).count("We could not show this page") == 2


def test_a_lean_page_has_no_script(kit: Kit) -> None:
    html = kit.environment("ja").from_string('{% extends "kit/layout.html" %}').render(page=page(lean=True))
    assert "<script" not in html
    assert "kairo.css" in html


def test_the_overview_shows_every_place_and_says_what_it_cannot() -> None:
    places = (
        Place(id="a", label="A", longitude=131.47, latitude=34.18),
        Place(id="b", label="B", longitude=131.40, latitude=34.05),
        Place(id="c", label="C"),
    )
    square = [[[130, 33], [133, 33], [133, 35], [130, 35], [130, 33]]]
    elsewhere = [[[131.9, 33], [134, 33], [134, 36], [133.9, 36], [131.9, 33]]]
    land = Land({"type": "Feature", "geometry": {"type": "MultiPolygon", "coordinates": [square, elsewhere]}})
    drawn = draw(places, land, names=(("駅", 131.47, 34.18),))
    assert [place.id for place, _, _ in drawn.points] == ["a", "b"]
    (_, x1, y1), (_, x2, y2) = drawn.points
    assert x1 > x2
    assert y1 < y2
    assert all(0 < x < drawn.width and 0 < y < drawn.height for _, x, y in drawn.points)
    assert re.fullmatch(r"(M[-\d.]+ [-\d.]+(L[-\d.]+ [-\d.]+)+Z)+", drawn.land)
    assert drawn.names[0][2] != y1, "a name steps aside for a point"
    assert len(geojson(places)["features"]) == 2
    assert extent(()) is None
    assert draw((), land).points == ()


def test_one_place_is_not_a_box_of_no_size() -> None:
    area = extent((Place(id="a", label="A", longitude=131.47, latitude=34.18),))
    assert area is not None
    assert area[2] - area[0] > 0.05


def test_a_list_can_be_folded_by_kind_and_brief(kit: Kit) -> None:
    places = [
        Place(id=f"p{number}", label=f"場所{number}", longitude=131.4, latitude=34.1, text="住所", kind=1 + number % 2)
        for number in range(5)
    ]
    draw_list = (
        "{{ geo.map_list('m', '地図', places, groups=[(1, '甲', true), (2, '乙', false), (3, '丙', true)], brief=brief) }}"
    )
    full = kit.environment("ja").from_string(draw_list).render(places=places, brief=False)
    assert re.findall(r'<details class="place-group"( open)?>.*?<span>(\S+) <span class="place-count">(\w+)</span>', full) == [
        (" open", "甲", "3か所"),
        ("", "乙", "2か所"),
    ]
    assert full.count('<h3 class="place-name">') == full.count("data-map-show=") == 5
    brief = kit.environment("ja").from_string(draw_list).render(places=places, brief=True)
    assert "住所</p>" not in brief
    assert "<h3" not in brief
    assert "data-map-show=" not in brief
    assert brief.count('class="place"') == 5


def test_signing_out_is_a_form_and_the_foot_speaks_the_language(kit: Kit) -> None:
    html = (
        kit.environment("en")
        .from_string('{% extends "kit/layout.html" %}')
        .render(page=page(language="en", account=Account("A", "", "/leave"), foot=(Link("About", "/about"),), own_search=True))
    )
    assert '<form class="sign-out" method="post" action="/en/leave">' in html
    assert 'href="/leave"' not in html
    assert '<a href="/en/about">About</a>' in html
    assert 'role="search"' not in html
