"""How do the Vision's figures become series, and how do all its facts get into the graph? `load`, by the API that everyone uses."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

import kairo
from kairo.errors import StartError
from kairo.services.vision import entities as build
from kairo.services.vision.entities import CITY, Entity, Facts, entity, json, optional, related, text, unit, urn, value

BATCH = 500
PROJECTS = range(1, 15)
LABOUR = {
    "labour_force": {"ja": "労働力人口", "en": "labour force"},
    "employed": {"ja": "就業者", "en": "employed"},
    "employed_women": {"ja": "就業者（女性）", "en": "employed women"},
    "employed_65_plus": {"ja": "就業者（65歳以上）", "en": "employed, 65 and over"},
    "unemployed": {"ja": "完全失業者", "en": "unemployed"},
    "not_in_labour_force": {"ja": "非労働力人口", "en": "not in the labour force"},
}
SEXES = {"total": {"ja": "総数", "en": "total"}, "male": {"ja": "男性", "en": "men"}, "female": {"ja": "女性", "en": "women"}}
NATURAL = {
    "births": {"ja": "出生", "en": "births"},
    "deaths": {"ja": "死亡", "en": "deaths"},
    "natural_change": {"ja": "自然増減", "en": "natural change"},
}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # both are safe; the one in C takes a tenth of the time

Upsert = Callable[[list[Entity]], Awaitable[Sequence[Mapping[str, Any]]]]
Progress = Callable[[int, int, str], None]


def data_folder() -> Path:
    """Where the files lie: in a checkout at its root, in an installed program inside the package."""
    package = Path(kairo.__file__).resolve().parent
    for folder in (package / "data" / "yamaguchi", package.parent.parent / "data" / "yamaguchi"):
        if (folder / "population.yaml").is_file():
            return folder
    raise StartError(
        "the facts of Yamaguchi (data/yamaguchi) are not there",
        mend="Run Kairo from a complete checkout, or install the wheel again: it carries them in kairo/data/yamaguchi.",
    )


def read(folder: Path) -> dict[str, Facts]:
    """All files of facts, by name without ending; projects as `projects/01`."""
    paths = sorted([*folder.glob("*.yaml"), *folder.glob("projects/*.yaml")])
    return {
        path.relative_to(folder).with_suffix("").as_posix(): yaml.load(path.read_text("utf-8"), _LOADER)  # noqa: S506
        for path in paths
    }


def all_entities(facts: Mapping[str, Facts]) -> list[Entity]:
    """Every entity of the Vision, referred ones before those that refer to them."""
    budget, principles, towns = facts["budget-fy2022"], facts["legal-and-principles"], facts["districts"]
    found = [build.city(facts["region"], facts["population"], principles, facts["figures-without-numbers"])]
    found += [*build.municipalities(facts["region"]), *build.districts(towns)]
    for number in PROJECTS:
        found.append(build.project(facts[f"projects/{number:02}"], budget))
    for number in PROJECTS:
        found += build.indicators(facts[f"projects/{number:02}"])
    found += [*build.goal_indicators(facts["kgi"]), *build.budget_lines(budget), *build.organizations(facts["partners"])]
    found += build.places(facts["places"], towns, facts["backup-power"])
    found += [*build.survey_results(facts["survey-satisfaction-importance"]), *build.glossary_terms(principles)]
    found += build.resident_profiles(facts["personas"])
    return [*found, *series(facts), *stated_figures(facts)]


async def load(upsert: Upsert, report_progress: Progress, folder: Path | None = None) -> dict[str, int]:
    """Sends all facts in batches and says how many entities were created, changed, unchanged and refused.

    Raises StartError that names the first refused entity: a fact of the demo city that the broker refuses is a mistake of ours.
    """
    found = all_entities(read(folder or data_folder()))
    counts = {"created": 0, "changed": 0, "unchanged": 0, "refused": 0}
    for start in range(0, len(found), BATCH):
        report_progress(start, len(found), "Vision")
        for outcome in await upsert(found[start : start + BATCH]):
            counts[outcome["outcome"]] += 1
            if outcome["outcome"] == "refused":
                raise StartError(
                    f"{outcome['id']} was refused: {outcome.get('detail', '')}",
                    mend="Mend this fact in data/yamaguchi or report it, then run `kairo load` again; loading twice does no harm.",
                )
    report_progress(len(found), len(found), "Vision")
    return counts


def series(facts: Mapping[str, Facts]) -> Iterator[Entity]:
    """All statistical series: one for each indicator, area and, where there are any, sex, age group or kind."""
    for given in (_population, _districts, _natural, _migration, _destinations, _commuting, _labour, _older, _fraud):
        yield from given(facts)


def _series(
    source: Facts, indicator: str, key: str, name: Mapping[str, str], unit_: str, rows: Sequence[Facts], **more: Any
) -> Entity:
    more = {"refArea": related(CITY)} | more
    return entity(
        "StatisticalSeries", f"{indicator}-{build.slug_of(key)}", source["source"], indicator=value(indicator), measure=value(key),
        indicatorName=text(source["title"]), name=text(name), unit=unit(unit_), observations=json(rows), note=text(source["note"]),
        **more,
    )  # fmt: skip


def _population(facts: Mapping[str, Facts]) -> Iterator[Entity]:
    given = facts["population"]
    for position, (key, name) in enumerate(SEXES.items()):
        rows = [{"year": row["year"], "value": row[key], "status": row["status"]} for row in given["series"]]
        sex = None if key == "total" else value(key)
        yield _series(given, "population", key, name, given["unit"], rows, sex=sex, position=value(position))


def _districts(facts: Mapping[str, Facts]) -> Iterator[Entity]:
    given = facts["district-population"]
    names = {row["slug"]: row["name"] for row in facts["districts"]["rows"]}
    for position, row in enumerate(given["rows"]):
        rows = [
            {"year": year, "value": people, "status": "census" if year in given["status"]["census"] else "projection"}
            for year, people in zip(given["years"], row["values"], strict=True)
        ]
        yield _series(
            given, "district-population", row["district"], names[row["district"]], given["unit"], rows,
            refArea=related(urn("District", row["district"])), position=value(position),
        )  # fmt: skip


def _natural(facts: Mapping[str, Facts]) -> Iterator[Entity]:
    given = facts["natural-change"]
    for position, (key, name) in enumerate(NATURAL.items()):
        rows = [{"year": row["year"], "value": row[key]} for row in given["series"]]
        yield _series(given, "natural-change", key, name, given["unit"], rows, position=value(position))
    given = facts["fertility"]
    rows = [{"year": row["year"], "value": row["rate"]} for row in given["series"]]
    name = {"ja": "合計特殊出生率", "en": "total fertility rate"}
    yield _series(given, "fertility", "rate", name, given["unit"], rows, position=value(0))


def _migration(facts: Mapping[str, Facts]) -> Iterator[Entity]:
    given = facts["migration-by-age"]
    for position, row in enumerate(given["rows"]):
        rows = [
            {"key": key, "from": period["from"], "to": period["to"], "written": period["written"], "value": row[key]}
            for key, period in given["periods"].items()
            if row[key] is not None
        ]
        name = {
            "ja": f"{row['age'].replace('-', '～').replace('+', '')}歳{'以上' if '+' in row['age'] else ''}",
            "en": row["age"],
        }
        yield _series(
            given, "migration-by-age", row["age"].replace("+", "-plus"), name, given["unit"], rows, ageGroup=value(row["age"]),
            certainty=value(given["certainty"]), position=value(position),
        )  # fmt: skip


def _destinations(facts: Mapping[str, Facts]) -> Iterator[Entity]:
    given = facts["migration-destinations"]
    columns = {**SEXES, **{key: SEXES[key.split("_")[0]] for key in given["rows"][0] if key[-1].isdigit()}}
    for place, row in enumerate(given["rows"]):
        for position, (key, sex) in enumerate(columns.items()):
            age = "-".join(key.split("_")[1:]) or None
            words = {"ja": f" {age.replace('-', '～')}歳" if age else "", "en": f" {age}" if age else ""}
            name = {tag: f"{row['name'][tag]} {sex[tag]}{words[tag]}" for tag in ("ja", "en")}
            rows = [{"from": given["period"]["from"], "to": given["period"]["to"], "value": row[key]}]
            yield _series(
                given, "migration-destinations", f"{row['key']}-{key}", name, given["unit"], rows, ageGroup=optional({"a": age}, "a", value),
                sex=None if key == "total" else value(key.split("_")[0]), otherArea=text(row["name"]),
                position=value(place * 10 + position),
            )  # fmt: skip


def _commuting(facts: Mapping[str, Facts]) -> Iterator[Entity]:
    given = facts["commuting-modes"]
    for position, row in enumerate(given["rows"]):
        for part in ("count", "share"):
            rows = [{"year": point["year"], "value": point[part]} for point in row["series"]]
            yield _series(
                given, f"commuting-{part}", row["key"], row["name"], given["units"][part], rows, mode=value(row["key"]),
                changePoints=value(row["change"]) if part == "share" else None, position=value(position),
            )  # fmt: skip


def _labour(facts: Mapping[str, Facts]) -> Iterator[Entity]:
    given = facts["labour"]
    part = given["labour_force"]
    for position, (key, name) in enumerate(LABOUR.items()):
        rows = [{"year": row["year"], "value": row[key], "status": part["status"]} for row in part["series"]]
        yield _series(given, "labour-force", key, name, part["unit"], rows, position=value(position))
    part = given["women_participation"]
    for position, row in enumerate(part["rows"]):
        years = zip(part["years"], row["values"], strict=True)
        rows = [{"year": year, "value": share, "status": part["status"]} for year, share in years]
        name = {"ja": f"女性 {row['age'].replace('-', '～')}歳", "en": f"women {row['age']}"}
        more = {"sex": value("female"), "ageGroup": value(row["age"]), "position": value(position)}
        yield _series(given, "women-in-work", row["age"], name, part["unit"], rows, **more)
    part = given["job_openings_ratio"]
    rows = [{"year": row["fiscal_year"], "value": row["value"]} for row in part["series"]]
    name = {"ja": f"有効求人倍率（{part['area']}）", "en": "job openings per applicant (Yamaguchi employment office area)"}
    yield _series(given, "job-openings", "ratio", name, part["unit"], rows, fiscalYears=value(True), position=value(0))


def _older(facts: Mapping[str, Facts]) -> Iterator[Entity]:
    given, part = facts["age-structure"], facts["age-structure"]["older_share"]
    for position, row in enumerate(part["rows"]):
        areas = [urn("District", slug) for slug in row.get("districts", [])] or [CITY]
        rows = [{"year": part["year"], "value": row["value"], "status": part["status"]}]
        yield _series(
            given, "older-share", row["area"]["en"], row["area"], part["unit"], rows, refArea=related(*areas),
            ageGroup=value("65+"), position=value(position),
        )  # fmt: skip


def _fraud(facts: Mapping[str, Facts]) -> Iterator[Entity]:
    given = facts["phone-fraud"]
    for position, row in enumerate(given["rows"]):
        for part in ("cases", "loss"):
            rows = [{"year": point["year"], "value": point[part]} for point in row["series"]]
            yield _series(
                given, f"phone-fraud-{part}", row["key"], row["name"], given["units"][part], rows, position=value(position)
            )


def stated_figures(facts: Mapping[str, Facts]) -> Iterator[Entity]:
    """Numbers that stand in a sentence only: with the years in which something peaks, and comparisons with the country."""
    ages = {row["key"]: row["name"] for row in facts["age-structure"]["age_groups"]}
    rows: list[tuple[Facts, str, Facts]] = [
        (facts["stated-figures"], row["key"], row) for row in facts["stated-figures"]["rows"]
    ]
    for row in facts["age-structure"]["peaks"]:
        nation = row["area"] == "全国"
        where = {"ja": row["area"], "en": "Japan" if nation else "Yamaguchi City"}
        name = {
            "ja": f"{ages[row['group']]['ja']}が最も多い年（{where['ja']}）",
            "en": f"year with most {ages[row['group']]['en']} ({where['en']})",
        }
        rows.append((facts["age-structure"], f"peak-{row['group']}{'-japan' if nation else ''}", {**row, "name": name}))
    for row in facts["care"]["peaks"]:
        name = {
            "ja": f"要介護（要支援）{row['name']['ja']}が最大となる年",
            "en": f"year in which the {row['name']['en']} peaks",
        }
        rows.append((facts["care"], f"peak-{row['key']}", {**row, "name": name}))
    rows += [(facts["age-structure"], row["key"], row) for row in facts["age-structure"]["stated"]]
    compared = facts["commuting-modes"]["comparison"]
    name = {"ja": "通勤・通学で自家用車を使う人の割合（全国、2010年）", "en": "share of commuters by private car, Japan, 2010"}
    rows.append((facts["commuting-modes"], "private-car-japan", {"name": name, "value": compared["share"], "unit": "%"}))
    rows += [(facts["region"], row["key"], row) for row in facts["region"]["targets"]]
    for position, (given, key, row) in enumerate(rows):
        source = {**given["source"], **({"place": row["place"]} if "place" in row else {})}
        yield entity(
            "StatedFigure", build.slug_of(key), source, name=text(row["name"]), figure=optional(row, "value", value),
            unit=optional(row, "unit", unit), year=optional(row, "year", value), written=optional(row, "written", value),
            comparison=optional(row, "comparison", value), approximate=optional(row, "approximate", value),
            position=value(position),
        )  # fmt: skip
