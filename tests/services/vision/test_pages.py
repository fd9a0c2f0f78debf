"""Do all pages and tables show, in every language, what is in the graph, in few queries, and nothing personal?"""

import csv
import io
import re

import pytest
from litestar.handlers import HTTPRouteHandler

from kairo.services.vision import api, pages
from kairo.services.vision.manifest import MANIFEST
from tests.services.whole_page import LANGUAGES, whole_page

PAGES = ["/projects", "/districts", "/districts?sort=change", "/districts?sort=nonsense", "/districts/ato", "/districts/ogori",
         "/indicators", "/budget", *(f"/projects/{number}" for number in range(1, 15))]  # fmt: skip
INDICATORS = sorted({indicator for _, indicator, _ in pages.PANELS} | {"district-population", "commuting-count"})
TABLES = ["/projects/kpis.csv", "/projects/3/kpis.csv", "/districts/population.csv", "/districts/ato/population.csv",
          "/budget/lines.csv", *(f"/indicators/{name}.csv" for name in INDICATORS)]  # fmt: skip
MOST_QUERIES = 6


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_every_page_shows(client, graph, language, path) -> None:
    whole_page(client, graph, f"/{language}{path}", MOST_QUERIES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", TABLES)
def test_every_table_opens_in_a_spreadsheet(client, language, path) -> None:
    answer = client.get(f"/{language}{path}")
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) > 1
    assert len({len(row) for row in rows}) == 1
    assert all(head.strip() for head in rows[0])


@pytest.mark.parametrize("path", ["/projects/15", "/projects/0", "/districts/nowhere", "/districts/nowhere/population.csv",
                                  "/indicators/nothing.csv", "/indicators/fertility", '/indicators/a"|b.csv', "/projects/99/kpis.csv"])  # fmt: skip
def test_what_is_not_there_says_so(client, path) -> None:
    answer = client.get(f"/ja{path}")
    assert answer.status_code == 404
    assert answer.text


def test_every_link_leads_somewhere(client) -> None:
    seen: set[str] = set()
    waiting = [f"/en{path}" for path in PAGES]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = client.get(path)
        assert answer.status_code == 200, path
        if answer.headers["content-type"].startswith("text/html"):
            waiting += [link for link in re.findall(r'href="(/en/[^"#]+)"', answer.text) if not link.startswith("/en/search")]
    assert len(seen) > 60


def test_textual_targets_stand_as_words(client) -> None:
    text = client.get("/ja/projects/10").text
    assert "維持" in text
    assert "４，２０９．１ｈａ" in text


def test_a_target_below_the_baseline_is_named(client) -> None:
    text = client.get("/ja/projects/3").text
    assert "目標値が基準値より低くなっています" in text
    assert "４２．３％" in text


def test_repeated_lines_are_flagged_and_summed_once(client) -> None:
    text = client.get("/ja/projects/14").text
    assert "1億2,080万円" in text
    assert "9,590万円" in text
    assert "2,490万円" in text
    budget = client.get("/ja/budget").text
    assert "39億3,127万3千円" in budget
    assert "52億1,368万8千円" in budget


def test_a_district_shows_its_neighbourhood_and_escapes_it(client) -> None:
    text = client.get("/ja/districts/ato").text
    assert "阿東の避難所" in text
    assert "遠くの避難所" not in text
    assert "&lt;川の水位&gt; &amp; 計" in text
    assert "合成データ" in text
    assert "5,772" in text
    empty = client.get("/ja/districts/niho").text
    assert "登録されていません" in empty


def test_no_resident_appears(client) -> None:
    for path in PAGES:
        assert "原田さん" not in client.get(f"/ja{path}").text


def test_an_empty_graph_is_no_error(graph, client) -> None:
    graph.docs.clear()
    for path in ("/projects", "/districts", "/indicators", "/budget"):
        answer = client.get(f"/ja{path}")
        assert answer.status_code == 200
        assert "まだデータがありません" in answer.text


def test_every_handler_is_in_the_manifest() -> None:
    made = {each for module in (pages, api) for each in vars(module).values() if isinstance(each, HTTPRouteHandler)}
    assert made == set(MANIFEST.routes)


def test_messages_are_complete(kit) -> None:
    assert not {language: gaps for language, gaps in kit.catalogue.gaps("vision.").items() if gaps}
    assert not [key for key in kit.catalogue.value_gaps() if key.startswith("vision.")]
