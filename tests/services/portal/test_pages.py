"""Do the portal's pages say, in every language, what is in the graph and no more, in words, safely, in few queries?"""

import re
from html import unescape
from typing import Any

import pytest
from litestar.handlers import HTTPRouteHandler

from kairo.platform.web import Kit
from kairo.services.portal import api, pages
from kairo.services.portal.manifest import MANIFEST
from tests.services.portal.conftest import ADMINISTRATOR, YUDA, entity, observed
from tests.services.whole_page import LANGUAGES, whole_page

SENSOR = "/entities/urn:ngsi-ld:Sensor:352039:river"
PLACE = "/entities/urn:ngsi-ld:Place:352039:bath"
SOMEONE = "/entities/urn:ngsi-ld:ResidentProfile:352039:someone"
PAGES = [
    "/", "/map", "/map?layer=evacuation-sites", "/map?layer=none", "/map?layer=places&q=ユ", "/current-values", "/search", "/search?q=湯田",
    "/search?q=無", "/search?q=少し&type=Place&offset=20", "/types", "/about", "/accessibility", SENSOR, PLACE, f"/entities/{YUDA}",
    "/entities/urn:ngsi-ld:Vehicle:352039:bus", "/entities/urn:ngsi-ld:StatisticalSeries:352039:people-yuda",
    "/entities/urn:ngsi-ld:EmergencyEvacuationSite:352039:s001",
]  # fmt: skip
MOST_QUERIES = 20


def words_of(html: str) -> str:
    """What a reader sees of the main part, without tags and readings."""
    main = html[html.index("<main") : html.index("</main>")]
    for pattern in (r"<script.*?</script>", r"<rp>.*?</rp>", r"<rt>.*?</rt>", r"<title.*?</title>"):
        main = re.sub(pattern, "", main, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", main)).split())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_every_page_shows(client: Any, graph: Any, language: str, path: str) -> None:
    html = whole_page(client, graph, f"/{language}{path}", MOST_QUERIES, "/ngsi-ld", "/schemas", "/contexts")
    assert "《" not in words_of(html)
    assert "架空さん" not in html


@pytest.mark.parametrize(
    "path", ["/entities/urn:ngsi-ld:Place:352039:none", "/entities/nonsense", '/entities/a"b\\c', SOMEONE, "/nothing"]
)
def test_what_is_not_there_or_not_for_everyone_is_one_page(client: Any, path: str) -> None:
    answer = client.get(f"/ja{path}", headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert "ページが見つかりません" in answer.text
    assert "どうすればよいか" in answer.text
    assert "083-000-0000" in answer.text


def test_the_front_page_has_the_region_values_and_ways_on(client: Any) -> None:
    text = client.get("/ja/").text
    said = words_of(text)
    for word in ("萩市", "湯田", "阿東", "1号車", "1.00", "架空プロジェクト", "約１９万人", "避難所をさがす（40か所）"):
        assert word in said, word
    assert said.index("阿東") < said.index("湯田"), "by their reading"
    assert 'data-stream="/live?types=Sensor,Vehicle"' in text
    assert text.count('role="search"') == 1
    assert "見本として作った値です" in said
    assert 'datetime="2026-11-22T09:00' in text, "the time of the last update"


def test_an_empty_graph_is_no_error(client: Any, graph: Any) -> None:
    graph.docs.clear()
    assert "まだデータがありません" in client.get("/ja/").text
    assert "表示するものがありません" in client.get("/ja/map").text
    assert "センサーがありません" in client.get("/ja/current-values").text
    assert "data-stream" not in client.get("/ja/").text


def test_long_groups_of_the_map_begin_folded(client: Any) -> None:
    text = client.get("/ja/map?layer=evacuation-sites&layer=districts").text
    groups = re.findall(r'<details class="place-group"( open)?>.*?<span>(\S+)', text)
    assert groups == [(" open", "地域"), ("", "指定緊急避難場所")]
    assert "40か所" in words_of(text)
    assert "対象の災害：洪水、地震" in words_of(text)
    assert "災害の種類ごとに" in words_of(text)
    assert "センサー（1）" in words_of(text)
    assert "指定避難所（" not in words_of(text), "what was not imported is not offered"


@pytest.mark.parametrize(
    ("typed", "count"), [("湯田３９", 1), ("ﾕﾀﾞ", 40), ("ｶｸｳ", 0), ("架空 湯田", 40), ("小学校1", 11), ("%", 0)]
)
def test_the_map_is_narrowed_by_name_or_address(client: Any, typed: str, count: int) -> None:
    text = client.get("/ja/map", params={"layer": "evacuation-sites", "q": typed}).text
    assert text.count('<li class="place"') == count
    assert ("見つかりませんでした" in text) is (count == 0)


def test_a_reading_finds_too(client: Any) -> None:
    text = client.get("/ja/map", params={"layer": "districts", "q": "ユダ"}).text
    assert re.findall(r'<li class="place" data-id="([^"]+)"', text) == [YUDA]


def test_what_has_no_place_is_told(client: Any) -> None:
    said = words_of(client.get("/ja/map?layer=places").text)
    assert "位置のない場所" in said
    assert "地図にないもの：1件" in said


def test_values_say_when_and_that_they_are_made_up(client: Any) -> None:
    text = client.get("/ja/current-values").text
    assert 'data-live-at="urn:ngsi-ld:Sensor:352039:river/waterLevel"' in text
    assert "9:00" in words_of(text)
    assert "1.00m" in words_of(text).replace(" ", "")
    assert text.count("合成データ") >= 2, "on the row and on the page"


def test_search_marks_escapes_and_pages(client: Any, index: Any) -> None:
    text = client.get("/ja/search", params={"q": " 湯田 ", "type": "Place"}).text
    assert "&lt;<mark>湯田</mark>&gt;の場所" in text
    assert index.asked == [("湯田", ["Place"], 0)]
    assert "offset=20" in text
    assert 'value="湯田"' in text
    assert '<option value="Place" selected>' in text
    last = client.get("/ja/search", params={"q": "湯田", "offset": 20}).text
    assert "25件中 21～25件" in words_of(last)
    assert 'rel="next"' not in last
    assert "一部を含むもの" in client.get("/ja/search", params={"q": "少し"}).text
    assert "「無」は見つかりませんでした" in words_of(client.get("/ja/search", params={"q": "無"}).text)


def test_search_takes_no_nonsense(client: Any, index: Any) -> None:
    client.get("/ja/search", params={"q": "あ" * 500, "type": "Nothing", "offset": -5})
    assert index.asked == [("あ" * 200, None, 0)]
    wrong = client.get("/ja/search", params={"q": "あ", "offset": "x"}, headers={"accept": "text/html"})
    assert wrong.status_code == 400
    assert "送られた内容を読み取れませんでした" in wrong.text


def test_an_entity_is_told_in_words(client: Any) -> None:
    text = client.get(f"/ja{PLACE}").text
    said = words_of(text)
    assert "種類 観光" in said
    assert "架空計画（2022年3月） 第1章 7ページ" in said
    assert "&lt;b&gt;注&lt;/b&gt;" in text
    assert f'<a href="/ja/districts/{YUDA.rsplit(":", 1)[-1]}">湯田</a>' in text
    assert said.index("開発者・職員の方へ") < said.index("/ngsi-ld/v1/entities/urn:ngsi-ld:Place:352039:bath")
    assert "Place:352039:s0" not in said
    assert "指定緊急避難場所" in said, "what is near"


def test_an_entity_shows_who_points_to_it(client: Any) -> None:
    said = words_of(client.get(f"/en/entities/{YUDA}").text)
    assert "Related to this" in said
    for name in ("Made-up Bath", "River level, Yuda", "架空プロジェクト"):
        assert name in said


def test_observed_values_are_live_and_have_a_course(client: Any) -> None:
    text = client.get(f"/ja{SENSOR}").text
    assert 'data-stream="/live?ids=urn:ngsi-ld:Sensor:352039:river"' in text
    assert "水位の推移" in text
    assert "data-long-data" in text
    assert "センサーの種類 河川水位" in words_of(text)
    assert "合成データ" in text


def test_a_series_is_a_chart_with_its_projection(client: Any) -> None:
    text = client.get("/ja/entities/urn:ngsi-ld:StatisticalSeries:352039:people-yuda").text
    assert "将来人口 総数" in words_of(text)
    assert 'class="projection"' in text
    assert "推計" in words_of(text)


@pytest.mark.parametrize("scope", [ADMINISTRATOR])
def test_the_administrator_sees_a_person_and_is_warned(client: Any) -> None:
    text = client.get(f"/ja{SOMEONE}").text
    assert "架空さん" in text
    assert "個人の情報です" in text
    assert '<form class="sign-out" method="post" action="/ja/leave">' in text
    assert "管理者" in text


def test_strange_entities_do_not_break_a_page(client: Any, graph: Any) -> None:
    odd = entity(
        "Place", "odd", deep={"a": [{"b": 1}, {"b": None}], "c": {"d": [True, "x", 1.5]}}, empty={"type": "Property", "value": []},
        text=observed("晴れ", "X"), flag=False, mixed={"type": "Property", "value": [{"x": 1}, "y"]},
        twice=[{"type": "Property", "value": 1}, {"type": "Property", "value": 2, "datasetId": "urn:d"}],
        many={"type": "Property", "value": [{"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}]},
    )  # fmt: skip
    odd |= {
        "at": {"type": "Property", "value": 3, "observedAt": "nonsense"},
        "words": {"type": "LanguageProperty", "languageMap": {"en": "only"}},
    }
    graph.docs[odd["id"]] = odd
    for language in LANGUAGES:
        answer = client.get(f"/{language}/entities/{odd['id']}")
        assert answer.status_code == 200, answer.text[-500:]
        assert "晴れ" in answer.text


def test_about_says_what_is_there(client: Any) -> None:
    said = words_of(client.get("/ja/about").text)
    assert "指定緊急避難場所 40" in said
    assert "住民" not in said.split("入っているデータ")[1].split("開発者の方へ")[0]


def test_the_statement_is_honest(client: Any) -> None:
    assert "まだ受けていません" in words_of(client.get("/ja/accessibility").text)


def test_every_handler_is_in_the_manifest() -> None:
    found = {**vars(pages), **vars(api)}.values()
    assert {each for each in found if isinstance(each, HTTPRouteHandler)} == set(MANIFEST.routes)


@pytest.mark.parametrize("prefix", ["portal.", "identity."])
def test_messages_are_complete(kit: Kit, prefix: str) -> None:
    assert not {language: gaps for language, gaps in kit.catalogue.gaps(prefix).items() if gaps}
    assert not [key for key in kit.catalogue.value_gaps() if key.startswith(prefix)]
