"""Do the Vision's projects, budget, residents and places in the demo city keep the laws that their source sets?"""

import unicodedata
from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).resolve().parents[2] / "data" / "yamaguchi"
SINGLE_FILES = ["areas", "budget-fy2022", "legal-and-principles", "partners", "personas", "places"]
WITHOUT_KPIS = {14}  # the Vision prints none for project 14
UNITS = "%件人ha"
MARKS = {1: "①", 2: "②", 3: "③"}
WEST, EAST, SOUTH, NORTH = 131.2, 131.9, 33.9, 34.6  # around Yamaguchi City


def read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return document


def numeric_value(written: str) -> float | None:
    """The number that a printed cell such as 「５９．８％」 stands for; words and dashes stand for none."""
    text = unicodedata.normalize("NFKC", written).replace(",", "").strip().rstrip(UNITS)
    try:
        return float(text)
    except ValueError:
        return None


def direction(baseline: float | None, targets: list[float | None], words: str) -> str | None:
    """What the source implies: it says so in a word, or every target given lies at or above the baseline."""
    if "維持" in words:
        return "keep"
    if "向上" in words:
        return "up"
    given = [target for target in targets if target is not None]
    rises = baseline is not None and all(t >= baseline for t in given) and any(t > baseline for t in given)
    return "up" if rises else None


PROJECT_FILES = sorted((FOLDER / "projects").glob("*.yaml"))
PROJECTS = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in PROJECT_FILES}
BY_NUMBER = {project["number"]: project for project in PROJECTS.values()}
KPIS = [(project["number"], kpi) for project in PROJECTS.values() for kpi in project["kpis"]]
BUDGET = read("budget-fy2022")
BUDGET_BLOCKS = BUDGET["projects"]
SECTIONS = [(block["project"], section) for block in BUDGET_BLOCKS for section in block["sections"]]
LINES = [(number, line) for number, section in SECTIONS for line in section["lines"]]
PERSONAS = read("personas")["personas"]
PLACES = read("places")["places"]
DISTRICTS = {row["slug"] for row in read("districts")["rows"]}


def total(lines: list[dict[str, Any]], *, with_repeated: bool = True) -> int:
    return sum(line["amount_thousand_yen"] or 0 for line in lines if with_repeated or not line["repeated"])


def lines_of(block: dict[str, Any]) -> list[dict[str, Any]]:
    return [line for section in block["sections"] for line in section["lines"]]


def measure_numbers(project: dict[str, Any]) -> set[str]:
    return {part["number"] for part in project["measures"] + project["measure_groups"]}


# ---- every file


@pytest.mark.parametrize("name", [*SINGLE_FILES, *(f"projects/{stem}" for stem in PROJECTS)])
def test_a_file_names_itself_and_its_source(name: str) -> None:
    document = read(name)
    assert document["title"]["ja"]
    assert document["title"]["en"]
    assert document["source"]["document"] == "山口市スマートシティ推進ビジョン"
    assert document["source"]["published"] == "2022-03"
    assert document["source"]["place"]
    assert "page" in document["source"]


# ---- projects


def test_fourteen_projects_are_numbered_one_to_fourteen() -> None:
    assert [project["number"] for project in PROJECTS.values()] == list(range(1, 15))
    assert [int(stem) for stem in PROJECTS] == list(range(1, 15))
    assert len({project["title"]["ja"] for project in PROJECTS.values()}) == 14


@pytest.mark.parametrize("project", PROJECTS.values(), ids=PROJECTS)
def test_a_project_says_what_it_is_for(project: dict[str, Any]) -> None:
    assert set(project["title"]) == {"ja", "en", "ja-x-easy"}
    assert all(project["title"].values())
    for key in ("aim", "background", "field"):
        assert project[key]["ja"]
        assert project[key]["en"]
    assert project["priority_area"]["mark"] == MARKS[project["priority_area"]["number"]]
    assert project["target_groups"]
    assert project["departments"]
    assert project["measures"]


def test_priority_areas_divide_the_projects() -> None:
    areas = read("areas")["priority_areas"]
    listed = {number: area["number"] for area in areas for number in area["projects"]}
    assert sum(len(area["projects"]) for area in areas) == 14
    assert listed == {number: project["priority_area"]["number"] for number, project in BY_NUMBER.items()}
    names = {area["number"]: area["name"] for area in areas}
    assert all(project["priority_area"]["name"] == names[project["priority_area"]["number"]] for project in PROJECTS.values())


@pytest.mark.parametrize("project", PROJECTS.values(), ids=PROJECTS)
def test_measures_are_numbered_once_and_titled(project: dict[str, Any]) -> None:
    numbers = [measure["number"] for measure in project["measures"]]
    assert len(numbers) == len(set(numbers))
    groups = {group["number"] for group in project["measure_groups"]}
    assert not groups & set(numbers)
    for measure in project["measures"]:
        assert measure["title"]["ja"]
        assert measure["title"]["en"]
        assert measure["summary"]["ja"]
        if measure["number"][-1] in "①②③④⑤⑥":
            assert measure["number"][:-1] in groups


@pytest.mark.parametrize("project", PROJECTS.values(), ids=PROJECTS)
def test_a_repeated_measure_points_to_its_first_place(project: dict[str, Any]) -> None:
    for measure in project["measures"]:
        if measure.get("repeated"):
            first = measure["repeats"]
            assert first["project"] < project["number"]
            assert first["number"] in {part["number"] for part in BY_NUMBER[first["project"]]["measures"]}


# ---- KPIs


@pytest.mark.parametrize("project", PROJECTS.values(), ids=PROJECTS)
def test_a_project_has_the_kpis_that_the_source_gives(project: dict[str, Any]) -> None:
    assert bool(project["kpis"]) == (project["number"] not in WITHOUT_KPIS)
    expected = [f"{project['number']:02d}-{row}" for row in range(1, len(project["kpis"]) + 1)]
    assert [kpi["id"] for kpi in project["kpis"]] == expected


@pytest.mark.parametrize("kpi", [kpi for _, kpi in KPIS], ids=lambda kpi: kpi["id"])
def test_a_kpi_keeps_what_is_printed_and_its_number_agrees(kpi: dict[str, Any]) -> None:
    assert kpi["name"]["ja"]
    assert kpi["name"]["en"]
    cells = [kpi["baseline"], kpi["target_2024"], kpi["target_2027"]]
    for cell in cells:
        assert isinstance(cell["written"], str)
        assert cell["written"]
        assert cell["value"] == numeric_value(cell["written"])
    assert kpi["baseline"]["year"] == 2020
    if any(cell["value"] is not None for cell in cells):
        assert kpi["unit"]
        printed = [unicodedata.normalize("NFKC", cell["written"]) for cell in cells if cell["value"] is not None]
        assert all(text.endswith(kpi["unit"]) for text in printed)


@pytest.mark.parametrize("kpi", [kpi for _, kpi in KPIS], ids=lambda kpi: kpi["id"])
def test_a_kpi_has_a_direction_only_where_the_source_implies_one(kpi: dict[str, Any]) -> None:
    targets = [kpi["target_2024"]["value"], kpi["target_2027"]["value"]]
    words = kpi["target_2024"]["written"] + kpi["target_2027"]["written"]
    baseline = kpi["baseline"]["value"]
    assert kpi["direction"] == direction(baseline, targets, words)
    below = baseline is not None and any(target is not None and target < baseline for target in targets)
    assert kpi.get("target_below_baseline", False) == below


@pytest.mark.parametrize(("number", "kpi"), [pair for pair in KPIS if pair[1].get("repeated")])
def test_a_repeated_kpi_carries_the_values_of_the_first(number: int, kpi: dict[str, Any]) -> None:
    assert kpi["repeats"] < number
    cells = ("baseline", "target_2024", "target_2027")
    first = [[other[cell] for cell in cells] for other in BY_NUMBER[kpi["repeats"]]["kpis"]]
    assert [kpi[cell] for cell in cells] in first


def test_the_written_cells_are_read_as_numbers_only_where_they_are() -> None:
    assert numeric_value("５９．８％") == 59.8
    assert numeric_value("４，２０９．１ｈａ") == 4209.1
    assert numeric_value("3,040,552人") == 3040552
    assert [numeric_value(word) for word in ("維持", "向上", "－", "転入超過を維持")] == [None] * 4
    assert direction(42.3, [37.0, 40.0], "") is None
    assert direction(59.8, [64.6, 67.0], "") == "up"


# ---- budget, in thousand yen


def test_a_budget_belongs_to_each_project() -> None:
    assert [block["project"] for block in BUDGET_BLOCKS] == sorted(BY_NUMBER)
    assert all(block["title"] == BY_NUMBER[block["project"]]["title"]["ja"] for block in BUDGET_BLOCKS)


@pytest.mark.parametrize("block", BUDGET_BLOCKS, ids=lambda block: str(block["project"]))
def test_a_printed_total_is_the_sum_of_its_lines_or_the_difference_is_stated(block: dict[str, Any]) -> None:
    lines = lines_of(block)
    assert block["sum_of_lines"] == total(lines)
    assert block["sum_without_repeated"] == total(lines, with_repeated=False)
    assert block["difference"] == block["printed_total"] - block["sum_of_lines"]
    assert block["difference"] == 0 or block["note"]["ja"]


@pytest.mark.parametrize(("number", "section"), SECTIONS)
def test_a_subtotal_is_the_sum_of_its_lines(number: int, section: dict[str, Any]) -> None:
    if section["printed_subtotal"] is None:
        assert section["written"]
        assert total(section["lines"]) == 0
    else:
        assert section["printed_subtotal"] == total(section["lines"])
    assert section["departments"]
    if section["measure_number"] is not None:
        assert section["measure_number"] in measure_numbers(BY_NUMBER[number])
    assert (section["measure_number"] is None) == (number in WITHOUT_KPIS)


def test_a_line_has_an_amount_or_says_what_is_printed() -> None:
    for _, line in LINES:
        assert line["name"]["ja"]
        assert line["name"]["en"]
        assert line["department"]
        amount = line["amount_thousand_yen"]
        assert (isinstance(amount, int) and amount > 0) or (amount is None and line["written"])


def test_a_repeated_line_repeats_an_earlier_one_and_nothing_else_does() -> None:
    first: dict[str, int | None] = {}
    for _, line in LINES:
        name, amount = line["name"]["ja"], line["amount_thousand_yen"]
        assert line["repeated"] == (name in first), name
        assert first.setdefault(name, amount) == amount, name


def test_the_city_total_counts_every_programme_once() -> None:
    once = {line["name"]["ja"]: line["amount_thousand_yen"] or 0 for _, line in LINES}
    assert BUDGET["totals"]["sum_without_repeated"] == sum(once.values()) == 3_931_273
    assert BUDGET["totals"]["sum_of_printed_totals"] == sum(block["printed_total"] for block in BUDGET_BLOCKS) == 5_213_688


# ---- residents


def test_residents_are_synthetic_and_distinct() -> None:
    assert [persona["age"] for persona in PERSONAS] == [81, 72, 52, 37, 20]
    assert len({persona["id"] for persona in PERSONAS}) == len(PERSONAS)
    assert all(persona["synthetic"] is True for persona in PERSONAS)
    assert read("personas")["disaster_scene"]["synthetic"] is True


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona["id"])
def test_a_resident_lives_in_a_district_and_is_served_by_projects(persona: dict[str, Any]) -> None:
    assert persona["district"]["slug"] in DISTRICTS
    assert isinstance(persona["district"]["assumed"], bool)
    assert not persona["district"]["assumed"] or persona["district"]["note"]["ja"]
    assert persona["situation"]["ja"]
    assert persona["situation"]["en"]
    assert persona["needs"]
    served = {number for need in persona["needs"] for number in need["projects"]}
    assert persona["projects"] == sorted(served)
    assert served <= set(BY_NUMBER)


# ---- places, areas, partners, principles


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place["id"])
def test_a_place_is_named_and_its_point_is_no_better_than_known(place: dict[str, Any]) -> None:
    assert all(place["name"][key] for key in ("ja", "kana", "en"))
    assert place["kind"]
    assert place["named_in"]
    assert set(place["projects"]) <= set(BY_NUMBER)
    if place["coordinate"] is None:
        assert place["note"]["ja"]
    else:
        longitude, latitude = place["coordinate"]
        assert WEST < longitude < EAST
        assert SOUTH < latitude < NORTH
        assert place["approximate"] is True
        assert place["basis"]
        assert place["town_known_from"] in {"vision", "address_in_open_data", "published_address", "assumed"}


def test_places_are_listed_once() -> None:
    assert len({place["id"] for place in PLACES}) == len(PLACES)
    assert len({place["name"]["ja"] for place in PLACES}) == len(PLACES)


def test_areas_speak_of_known_districts_and_projects() -> None:
    areas = read("areas")
    assert [area["number"] for area in areas["target_areas"]] == [None, "(1)", "(2)", "(3)"]
    for area in areas["special_areas"]:
        assert area["project"] is None or area["project"] in BY_NUMBER
        assert set(area.get("districts", [])) <= DISTRICTS
    assert set(BY_NUMBER[8]["districts_in_talks"]["districts"]) <= DISTRICTS


def test_partners_are_counted_as_listed() -> None:
    partners = read("partners")
    names = [business["name"]["ja"] for business in partners["businesses"]]
    assert len(names) == len(set(names)) == partners["listed_businesses"] == 31
    assert partners["selected_businesses"] == 55
    assert sum(member["seats"] for member in partners["council"]["members"]) == partners["council"]["seats"] == 14
    named = [use["project"] for business in partners["businesses"] for use in business.get("named_in", [])]
    assert named
    assert set(named) <= set(BY_NUMBER)


def test_principles_are_complete_and_in_order() -> None:
    principles = read("legal-and-principles")
    articles = principles["service_design_12_articles"]["articles"]
    assert [article["number"] for article in articles] == list(range(1, 13))
    assert [article["number"] for article in principles["seven_cautions"]["articles"]] == list(range(1, 8))
    plan = principles["data_use_plan"]["items"]
    assert [item["number"] for item in plan] == [f"({number})" for number in range(1, 7)]
    assert [policy["number"] for policy in plan[3]["policies"]] == list("①②③④⑤")
    terms = [entry["term"]["ja"] for entry in principles["glossary"]]
    assert len(terms) == len(set(terms))
    assert all(entry["explanation"]["ja"] for entry in principles["glossary"])
