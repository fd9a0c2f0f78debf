"""Do the facts of the demo city hold together: sums, codes, coordinates, and a source for every file?"""

import functools
import itertools
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).resolve().parents[2] / "data" / "yamaguchi"
FILES = sorted(path.name for path in FOLDER.glob("*.yaml"))
FACTS = [
    "age-structure",
    "backup-power",
    "care",
    "childcare",
    "commuting-modes",
    "district-population",
    "districts",
    "fertility",
    "figures-without-numbers",
    "kgi",
    "labour",
    "migration-by-age",
    "migration-destinations",
    "natural-change",
    "phone-fraud",
    "population",
    "region",
    "stated-figures",
    "survey-satisfaction-importance",
]
WEST, EAST, SOUTH, NORTH = 130.5, 132.2, 33.7, 34.9
ROUNDING = 1  # persons by which a projection's parts may miss their total


class NoDuplicates(yaml.SafeLoader):
    """A loader that refuses a key given twice, which YAML would silently let the second win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Build the mapping, or fail on the doubled key."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        doubled = {key for key in keys if keys.count(key) > 1}
        if doubled:
            raise yaml.YAMLError(f"doubled keys {doubled} {node.start_mark}")
        return super().construct_mapping(node, deep)


@functools.cache
def load(name: str) -> dict[str, Any]:
    """One file of facts."""
    text = (FOLDER / name).with_suffix(".yaml").read_text(encoding="utf-8")
    data = yaml.load(text, NoDuplicates)
    assert data == yaml.safe_load(text)
    assert isinstance(data, dict)
    return data


def check_digit(code: str) -> int:
    """The sixth digit of a 全国地方公共団体コード from its first five."""
    total = sum(int(digit) * weight for digit, weight in zip(code[:5], (6, 5, 4, 3, 2), strict=True))
    return (11 - total % 11) % 10


def walk(node: object, path: str = "") -> list[tuple[str, object]]:
    """Every leaf of a file with the key it stands under."""
    if isinstance(node, dict):
        return [leaf for key, value in node.items() for leaf in walk(value, str(key))]
    if isinstance(node, list):
        return [leaf for value in node for leaf in walk(value, path)]
    return [(path, node)]


def is_bilingual(text: object) -> bool:
    """Japanese and English, both filled."""
    return isinstance(text, dict) and {"ja", "en"} <= text.keys() and all(str(text[key]).strip() for key in ("ja", "en"))


def test_the_expected_files_are_there() -> None:
    """A file that vanished would otherwise take its tests along."""
    assert {f"{name}.yaml" for name in FACTS} <= set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_every_file_has_title_and_source(name: str) -> None:
    """An official can see what a file is and where it comes from."""
    data = load(name)
    assert is_bilingual(data["title"])
    assert {"document", "published", "place", "page"} <= data["source"].keys()
    assert data["source"]["document"]
    assert data["source"]["place"]
    page = data["source"]["page"]
    assert page is None or re.fullmatch(r"[1-9]\d{0,2}(–[1-9]\d{0,2})?", str(page))
    assert "note" not in data or is_bilingual(data["note"])


@pytest.mark.parametrize("name", FACTS)
def test_numbers_are_numbers(name: str) -> None:
    """A value that kept its unit, its comma or full-width digits would load as text."""
    numeric = re.compile("values?|total|count|share|change|rate|year|mean|male|female|earlier|later")
    leaves = [leaf for part, content in load(name).items() if part != "units" for leaf in walk(content, part)]
    wrong = [(key, leaf) for key, leaf in leaves if numeric.fullmatch(key) and not isinstance(leaf, int | float | None)]
    assert wrong == []


def test_male_and_female_make_the_total() -> None:
    """Exact for a census; a projection may be off by rounding, and is in 2040 only."""
    series = load("population")["series"]
    assert [row["year"] for row in series] == list(range(1980, 2061, 5))
    off = {row["year"]: row["male"] + row["female"] - row["total"] for row in series}
    assert {year: gap for year, gap in off.items() if gap} == {2040: ROUNDING}
    assert [row["year"] for row in series if row["status"] == "census"] == list(range(1980, 2016, 5))
    assert {row["status"] for row in series} == {"census", "projection"}


def test_stated_changes_follow_from_the_series() -> None:
    """The running text of the Vision and its table say the same."""
    data = load("population")
    total = {row["year"]: row["total"] for row in data["series"]}
    for stated in data["stated_changes"]:
        assert total[stated["year"]] == stated["total"]
        assert total[stated["year"]] - total[2015] == stated["change"]


def test_districts_sum_to_the_total_in_every_year() -> None:
    """Within one person, and to the totals of the city's own table."""
    data = load("district-population")
    assert data["years"] == list(range(2015, 2061, 5))
    assert sorted(data["status"]["census"] + data["status"]["projection"]) == data["years"]
    assert all(len(row["values"]) == len(data["years"]) for row in data["rows"])
    sums = [sum(column) for column in zip(*(row["values"] for row in data["rows"]), strict=True)]
    gaps = [abs(got - total) for got, total in zip(sums, data["total"], strict=True)]
    assert max(gaps) <= ROUNDING, dict(zip(data["years"], gaps, strict=True))
    city = {row["year"]: row["total"] for row in load("population")["series"]}
    assert data["total"] == [city[year] for year in data["years"]]


def test_there_are_21_districts_each_once() -> None:
    """The same 21, in the same order, in both files."""
    rows = load("districts")["rows"]
    assert len(rows) == 21
    for part in ("ja", "kana", "en"):
        assert len({row["name"][part] for row in rows}) == 21
    assert [row["slug"] for row in rows] == [row["name"]["en"].lower() for row in rows]
    population = load("district-population")["rows"]
    assert [(row["slug"], row["name"]["ja"]) for row in rows] == [(row["district"], row["name"]) for row in population]


def test_districts_are_written_in_the_agreed_scripts() -> None:
    """Kana are hiragana, slugs are plain letters."""
    for row in load("districts")["rows"]:
        assert all("ぁ" <= letter <= "ん" for letter in row["name"]["kana"]), row["name"]
        assert row["slug"].isascii()
        assert row["slug"].isalpha()


def test_five_districts_were_towns_and_three_are_depopulated() -> None:
    """旧町 by merger; 過疎地域 as the Vision names them."""
    data = load("districts")
    assert {row["slug"] for row in data["rows"] if row["former_town"]} == {"ogori", "aio", "ajisu", "tokuji", "ato"}
    depopulated = {row["slug"] for row in data["rows"] if "過疎地域" in row["areas"]}
    shares = load("age-structure")["older_share"]["rows"]
    assert depopulated == set(shares[1]["districts"]) == {"aio", "tokuji", "ato"}
    assert {area for row in data["rows"] for area in row["areas"]} == set(data["area_labels"])


def test_a_town_belongs_to_one_district() -> None:
    """A 町字 named twice would pull two districts together."""
    towns = [town for row in load("districts")["rows"] for town in row["basis"]["towns"]]
    assert len(towns) == len(set(towns))
    for row in load("districts")["rows"]:
        assert row["basis"]["points"] >= len(row["basis"]["towns"]) > 0
        assert not set(row["basis"].get("towns_without_point", [])) & set(towns)


def test_coordinates_lie_in_the_region() -> None:
    """Longitude first; no two places in one point; all marked approximate."""
    for rows in (load("districts")["rows"], load("region")["municipalities"]):
        points = [tuple(row["coordinate"]) for row in rows]
        assert len(set(points)) == len(points)
        for longitude, latitude in points:
            assert WEST < longitude < EAST
            assert SOUTH < latitude < NORTH
        assert all(row["approximate"] is True and row["basis"] for row in rows)


def test_districts_lie_where_they_are_known_to_lie() -> None:
    """Swapped rows would break the compass: Ato is the north-east, Ajisu the south, Ogori between."""
    at = {row["slug"]: row["coordinate"] for row in load("districts")["rows"]}
    assert max(at, key=lambda slug: at[slug][1]) == "ato"
    assert max(at, key=lambda slug: at[slug][0]) == "tokuji"
    assert min(at, key=lambda slug: at[slug][1]) == "ajisu"
    assert min(at, key=lambda slug: at[slug][0]) == "sayama"
    assert at["ajisu"][1] < at["ogori"][1] < at["odono"][1]


def test_births_minus_deaths_is_the_natural_change() -> None:
    """In each of the fourteen years."""
    series = load("natural-change")["series"]
    assert [row["year"] for row in series] == list(range(2006, 2020))
    assert [row["births"] - row["deaths"] for row in series] == [row["natural_change"] for row in series]


def test_fertility_rises_to_2016_and_falls_after() -> None:
    """Sixteen years, the highest where the text says so."""
    rates = {row["year"]: row["rate"] for row in load("fertility")["series"]}
    assert list(rates) == list(range(2005, 2021))
    assert all(1.3 <= rate <= 1.6 for rate in rates.values())
    assert max(rates, key=lambda year: rates[year]) == 2016


def test_migration_by_age_agrees_with_what_the_text_says() -> None:
    """The twenties leave, less than before; the thirties come; unplaced values fill exactly part of the gaps."""
    data = load("migration-by-age")
    rows = {row["age"]: row for row in data["rows"]}
    assert list(rows) == [f"{age}-{age + 4}" for age in range(0, 100, 5)] + ["100+"]
    assert all(row["earlier"] is not None for row in rows.values())
    for age in ("20-24", "25-29"):
        assert rows[age]["earlier"] < rows[age]["later"] < 0
    for age in ("30-34", "35-39"):
        assert rows[age]["earlier"] > 0
        assert rows[age]["later"] > 0
    unplaced = data["periods"]["later"]["unplaced"]
    placed = [row["later"] for row in rows.values() if row["later"] is not None]
    assert len(placed) + len(unplaced) == 13
    assert data["periods"]["earlier"]["complete"]
    assert not data["periods"]["later"]["complete"]


def test_migration_destinations_add_up() -> None:
    """Men and women make the total, and no named destination is missing."""
    rows = {row["key"]: row for row in load("migration-destinations")["rows"]}
    assert list(rows) == ["all", "tokyo_area", "hiroshima", "fukuoka"]
    for row in rows.values():
        assert row["male"] + row["female"] == row["total"]
    named = [rows[key] for key in ("tokyo_area", "hiroshima", "fukuoka")]
    men, women = (sum(row[f"{sex}_20_24"] + row[f"{sex}_25_29"] for row in named) for sex in ("male", "female"))
    assert women < men < 0  # the text: more young women leave than men


def test_the_labour_force_is_the_employed_and_the_unemployed() -> None:
    """And women and the elderly are part of the employed."""
    data = load("labour")
    for row in data["labour_force"]["series"]:
        assert row["employed"] + row["unemployed"] == row["labour_force"]
        assert max(row["employed_women"], row["employed_65_plus"]) < row["employed"]
    for row in data["women_participation"]["rows"]:
        assert len(row["values"]) == len(data["women_participation"]["years"])
        assert all(0 < before < after < 100 for before, after in itertools.pairwise(row["values"]))
    ratio = data["job_openings_ratio"]["series"]
    assert [row["fiscal_year"] for row in ratio] == list(range(2015, 2021))
    assert all(row["value"] > 1 for row in ratio)


def test_commuting_shares_follow_from_the_counts() -> None:
    """Each printed share within rounding of its count; the change within rounding of the shares."""
    rows = load("commuting-modes")["rows"]
    assert len(rows) == len({row["key"] for row in rows}) == 10
    for at, year in enumerate((2000, 2010)):
        assert {row["series"][at]["year"] for row in rows} == {year}
        total = sum(row["series"][at]["count"] for row in rows)
        for row in rows:
            assert row["series"][at]["share"] == pytest.approx(100 * row["series"][at]["count"] / total, abs=0.06), row["key"]
    for row in rows:
        assert row["change"] == pytest.approx(row["series"][1]["share"] - row["series"][0]["share"], abs=0.11), row["key"]


def test_fraud_areas_add_up() -> None:
    """The two police station areas make the city."""
    first, second, total = load("phone-fraud")["rows"]
    for one, other, both in zip(first["series"], second["series"], total["series"], strict=True):
        assert one["year"] == other["year"] == both["year"]
        assert one["cases"] + other["cases"] == both["cases"]
        assert one["loss"] + other["loss"] == both["loss"]


def test_the_three_goals() -> None:
    """As written and as a number; what the Vision does not give stays empty."""
    data = load("kgi")
    assert {row["key"]: row["target"]["value"] for row in data["rows"]} == {
        "resident_population": 190_000,
        "exchange_population": 6_000_000,
        "hometown_index": 80.0,
    }
    for row in data["rows"]:
        assert row["target"]["fiscal_year"] == data["target_fiscal_year"] == 2027
        assert row["target"]["written"]
        assert row["baseline"] is None


def test_the_survey_is_ranked_by_value() -> None:
    """Importance falls with rank; public transport is below the mean satisfaction and among the most important."""
    data = load("survey-satisfaction-importance")
    important = data["importance"]["highest"]
    assert [row["rank"] for row in important] == [1, 2, 3]
    assert all(before["value"] > after["value"] for before, after in itertools.pairwise(important))
    low = data["satisfaction"]["low"]
    assert all(row["value"] < data["satisfaction"]["mean"] for row in low)
    assert low[0]["field"] == important[2]["field"]


def test_equipped_centres_stand_in_known_districts() -> None:
    """The slugs are those of the district file."""
    known = {row["slug"] for row in load("districts")["rows"]}
    assert {row["district"] for row in load("backup-power")["rows"]} <= known


def test_stated_figures_are_told_apart() -> None:
    """Unique keys, each with a place, a unit and a value."""
    rows = load("stated-figures")["rows"]
    assert len({row["key"] for row in rows}) == len(rows)
    for row in rows:
        assert is_bilingual(row["name"])
        assert row["unit"]
        assert row["place"]
        assert row["value"] > 0


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("山口市", "352039"),
        ("宇部市", "352021"),
        ("萩市", "352047"),
        ("防府市", "352063"),
        ("美祢市", "352136"),
        ("山陽小野田市", "352161"),
        ("津和野町", "325015"),
    ],
)
def test_municipalities_carry_their_code(name: str, code: str) -> None:
    """The right code, with the right check digit, in the right prefecture."""
    town = {row["name"]["ja"]: row for row in load("region")["municipalities"]}[name]
    assert town["code"] == code
    assert int(code[5]) == check_digit(code)
    assert town["prefecture"]["code"] == code[:2]
    assert (town["prefecture"]["ja"], code[:2]) in {("山口県", "35"), ("島根県", "32")}


def test_the_region_has_seven_members() -> None:
    """Six cities and one town, and the counts of its facts match their lists."""
    data = load("region")
    kana = [row["name"]["kana"] for row in data["municipalities"]]
    assert len(set(kana)) == 7
    members = data["formation"]["members"]
    assert members["cities"] == sum(name.endswith("し") for name in kana)
    assert members["towns"] == sum(name.endswith("ちょう") for name in kana)
    assert all(len(fact["list"]) == fact["value"] for fact in data["facts"])
    first, second = data["kgi"]
    assert first["actual"]["value"] > first["target"]["value"] == 600_000
    assert second["target"] is None
