"""Do the Vision's files become good entities: unique, sourced, declared, understood by the broker, the same every time?"""

import re
from collections import Counter
from itertools import chain

import pytest

import kairo
from kairo.context.contexts import CORE
from kairo.context.model.parse import parse_entity
from kairo.errors import StartError
from kairo.services.vision import entities, tasks
from kairo.services.vision.manifest import ENTITY_TYPES

COUNTS = {"City": 1, "Municipality": 7, "District": 21, "Project": 14, "KeyPerformanceIndicator": 40, "KeyGoalIndicator": 3,
          "BudgetLine": 64, "ResidentProfile": 5, "SurveyResult": 7}  # fmt: skip


def of_type(payloads, type):
    return [item for item in payloads if item["type"] == type]


def test_ids_are_unique_urns_of_this_city(payloads) -> None:
    ids = [item["id"] for item in payloads]
    assert not [id for id, count in Counter(ids).items() if count > 1]
    for item in payloads:
        assert re.fullmatch(rf"urn:ngsi-ld:{item['type']}:352039:[a-z0-9]+(-[a-z0-9]+)*", item["id"])


def test_there_are_as_many_as_the_document_has(payloads) -> None:
    assert COUNTS.items() <= Counter(item["type"] for item in payloads).items()


def test_every_entity_has_a_source_and_a_name(payloads) -> None:
    for item in payloads:
        assert item["source"]["json"]["document"], item["id"]
        assert item["source"]["json"]["place"], item["id"]
        assert item["name"]["languageMap"]["ja"], item["id"]
        assert not item["name"]["languageMap"].keys() - {"ja", "ja-x-easy", "en"}


def test_every_type_is_declared_in_three_languages(payloads) -> None:
    declared = {item.type: item for item in ENTITY_TYPES}
    assert {item["type"] for item in payloads} == set(declared)
    assert all({"ja", "ja-x-easy", "en"} == item.title.keys() for item in declared.values())
    for type, item in declared.items():
        present = set(chain.from_iterable(of_type(payloads, type)))
        assert set(item.searchable) <= present, type


def test_the_broker_understands_all_and_keeps_names_short(payloads) -> None:
    for item in payloads:
        document = parse_entity(item, CORE).document()
        assert not [name for name in document if ":" in name and name not in ("id", "type")]
        assert {**item} == document


def test_what_is_related_to_is_there(payloads) -> None:
    ids = {item["id"] for item in payloads}
    for item in payloads:
        for name, attribute in item.items():
            if isinstance(attribute, dict) and attribute["type"] == "Relationship":
                objects = attribute["object"] if isinstance(attribute["object"], list) else [attribute["object"]]
                assert set(objects) <= ids, (item["id"], name)


def test_nothing_blank_is_sent(payloads) -> None:
    def leaves(content):
        if isinstance(content, dict):
            return [leaf for part in content.values() for leaf in leaves(part)]
        return [leaf for part in content for leaf in leaves(part)] if isinstance(content, list) else [content]

    for item in payloads:
        assert None not in leaves(item), item["id"]


def test_points_say_that_they_are_approximate(payloads) -> None:
    placed = [item for item in payloads if "location" in item]
    assert len(of_type(placed, "District")) == 21
    for item in placed:
        assert item["locationApproximate"]["value"] is True
        assert item["locationBasis"]["json"]


def test_budget_lines_sum_to_what_the_document_prints(payloads) -> None:
    lines = of_type(payloads, "BudgetLine")
    for project in of_type(payloads, "Project"):
        mine = [item for item in lines if item["project"]["object"] == project["id"]]
        total = sum(item.get("amountThousandYen", {"value": 0})["value"] for item in mine)
        assert total == project["budgetPrintedThousandYen"]["value"]
    once = [item for item in lines if not item["repeated"]["value"]]
    assert sum(item.get("amountThousandYen", {"value": 0})["value"] for item in once) == 3_931_273


def test_districts_sum_to_the_city_in_every_year(payloads) -> None:
    series = of_type(payloads, "StatisticalSeries")
    total: Counter[int] = Counter()
    for item in series:
        if item["indicator"]["value"] == "district-population":
            total.update({row["year"]: row["value"] for row in item["observations"]["json"]})
    city = next(item for item in series if item["id"].endswith(":population-total"))
    for row in city["observations"]["json"]:
        if row["year"] >= 2015:
            assert abs(total[row["year"]] - row["value"]) <= 1


def test_pictured_residents_are_marked_as_made_up(payloads) -> None:
    for item in of_type(payloads, "ResidentProfile"):
        assert item["synthetic"]["value"] is True
    declared = {item.type: item for item in ENTITY_TYPES}["ResidentProfile"]
    assert declared.data_class == "personal"
    assert not declared.searchable


@pytest.mark.parametrize(
    ("basis", "district"),
    [("小郡下郷（町字の代表点）", "ogori"), ("湯田温泉一～六丁目（町字の代表点の平均）", "yuda"),
     ("阿東地福上と阿東地福下（町字の代表点の平均）", "ato"), ("熊野町（町字の代表点）", None), ("", None)],
)  # fmt: skip
def test_a_town_gives_the_district(facts, basis, district) -> None:
    assert entities.district_of_town(basis, facts["districts"]) == district


async def test_loading_twice_changes_nothing() -> None:
    stored: dict[str, entities.Entity] = {}
    told: list[tuple[int, int, str]] = []

    async def upsert(batch):
        assert len(batch) <= tasks.BATCH
        outcomes = []
        for item in batch:
            before = stored.get(item["id"])
            stored[item["id"]] = item
            outcomes.append(
                {"id": item["id"], "outcome": "created" if before is None else "unchanged" if before == item else "changed"}
            )
        return outcomes

    first = await tasks.load(upsert, lambda *step: told.append(step))
    second = await tasks.load(upsert, lambda *step: None)
    assert first["created"] == len(stored) == second["unchanged"]
    assert told[-1][0] == told[-1][1] == len(stored)


async def test_a_refused_fact_stops_the_load_and_is_named() -> None:
    async def upsert(batch):
        return [{"id": item["id"], "outcome": "refused", "detail": "a name is wrong"} for item in batch]

    with pytest.raises(StartError, match=r"City.*a name is wrong"):
        await tasks.load(upsert, lambda *step: None)


def test_a_missing_folder_says_what_to_do(monkeypatch, tmp_path) -> None:
    (tmp_path / "src" / "kairo").mkdir(parents=True)
    monkeypatch.setattr(kairo, "__file__", str(tmp_path / "src" / "kairo" / "__init__.py"))
    with pytest.raises(StartError) as caught:
        tasks.data_folder()
    assert "checkout" in caught.value.mend
    package = tmp_path / "src" / "kairo" / "data" / "yamaguchi"
    package.mkdir(parents=True)
    (package / "population.yaml").write_text("")
    assert tasks.data_folder() == package
