"""Which entities does the Vision hold, and how does each of its files become them? Pure functions from YAML content to payloads.

Payloads are normalized NGSI-LD with names of the default vocabulary, the same whenever they are built: no clock, nothing
random, so that loading twice changes nothing. What the document leaves blank is left out, not written as zero or false.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Facts = Mapping[str, Any]
Entity = dict[str, Any]

CITY_CODE = "352039"
LANGUAGE_KEYS = ("ja", "ja-x-easy", "en")
UNITS = {
    "人": "people",
    "人/年": "people a year",
    "人（女性1人当たり）": "children per woman",
    "%": "%",
    "ポイント": "points",
    "点": "points",
    "倍": "openings per applicant",
    "件": "cases",
    "万円": "10,000 yen",
    "円": "yen",
    "ha": "ha",
    "地域": "districts",
    "事業者": "businesses",
    "セット": "sets",
    "団体": "bodies",
    "テーマ": "themes",
}
# 「湯田温泉一～六丁目（町字の代表点の平均）」 names the towns that begin with 湯田温泉, 「阿東地福上と阿東地福下（…）」 the first of two.
_TOWN = re.compile(r"^([^（～と]+?)(?:[一二三四五六七八九十]+～|と|（)")


def urn(type: str, slug: str | int) -> str:
    """The id of an entity of this city. Numbers of projects have two digits."""
    return f"urn:ngsi-ld:{type}:{CITY_CODE}:{f'{slug:02}' if isinstance(slug, int) else slug}"


CITY = urn("City", "yamaguchi")


def slug_of(text: str) -> str:
    """A name as part of an id: `NPO Atto` → `npo-atto`."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower().replace("’", "")).strip("-")


def value(content: Any) -> Entity:
    """A Property."""
    return {"type": "Property", "value": content}


def text(texts: Mapping[str, str] | str) -> Entity:
    """A LanguageProperty of whatever languages are given; a plain text is Japanese, as the document is."""
    if isinstance(texts, str):
        texts = {"ja": texts}
    return {"type": "LanguageProperty", "languageMap": {key: texts[key] for key in LANGUAGE_KEYS if texts.get(key)}}


def json(content: Any) -> Entity:
    """A JsonProperty, without members that are blank."""
    return {"type": "JsonProperty", "json": _filled(content)}


def related(*ids: str) -> Entity:
    """A Relationship to one or several entities."""
    return {"type": "Relationship", "object": ids[0] if len(ids) == 1 else list(ids)}


def unit(written: str) -> Entity:
    """A unit in both languages. A unit that has no English name yet is a programming error: KeyError."""
    return text({"ja": written, "en": UNITS[written]})


def entity(type: str, slug: str | int, source: Facts, **attributes: Entity | None) -> Entity:
    """An entity with its source; attributes that are None are left out."""
    given = {name: content for name, content in attributes.items() if content is not None}
    return {"id": urn(type, slug), "type": type, **given, "source": json(source)}


def names(given: Facts) -> dict[str, Entity]:
    """`name`, and `nameKana` where a reading is known."""
    return {"name": text(given)} | ({"nameKana": value(given["kana"])} if given.get("kana") else {})


def point(row: Facts, coordinate_source: Facts | None = None) -> dict[str, Entity]:
    """`location` with how far it can be trusted; nothing where the place is not known."""
    if not row.get("coordinate"):
        return {}
    found = {
        "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": list(row["coordinate"])}},
        "locationApproximate": value(bool(row["approximate"])),
        "locationBasis": json(row["basis"] if isinstance(row["basis"], Mapping) else {"written": row["basis"]}),
    }
    if coordinate_source:
        found["locationSource"] = value(f"{coordinate_source['name']} ({coordinate_source['licence']})")
    return found


def optional(facts: Facts, key: str, build: Any) -> Entity | None:
    """The attribute, unless the file leaves it blank."""
    content = facts.get(key)
    return None if content is None or content in ("", [], {}) else build(content)


def districts(facts: Facts) -> Iterator[Entity]:
    """The 21 districts (地域)."""
    for position, row in enumerate(facts["rows"], 1):
        labels = [{"ja": label, "en": facts["area_labels"][label]["en"]} for label in row["areas"]]
        yield entity(
            "District", row["slug"], facts["source"], **names(row["name"]), **point(row, facts["coordinate_source"]),
            position=value(position), city=related(CITY), formerTown=optional(row, "former_town", json),
            areas=json(labels) if labels else None,
        )  # fmt: skip


def municipalities(facts: Facts) -> Iterator[Entity]:
    """The seven municipalities of the region; this city is one of them."""
    for row in facts["municipalities"]:
        yield entity(
            "Municipality", row["slug"], facts["source"], **names(row["name"]), **point(row, facts["coordinate_source"]),
            code=value(row["code"]), prefecture=text(row["prefecture"]), note=text(facts["note"]),
        )  # fmt: skip


def city(region: Facts, population: Facts, principles: Facts, without_numbers: Facts) -> Entity:
    """The city itself: what the Vision is called, how long it runs, and which of its charts print no numbers."""
    row = next(row for row in region["municipalities"] if row["code"] == CITY_CODE)
    blank = [{"name": item["name"], "place": item["place"], "page": item["page"]} for item in without_numbers["rows"]]
    return entity(
        "City", "yamaguchi", population["source"], **names(row["name"]), **point(row, region["coordinate_source"]),
        code=value(CITY_CODE), visionName=text(principles["vision"]["name"]), visionPeriod=json(principles["vision"]["period"]),
        populationGoal=json(population["goal"]), chartsWithoutNumbers=json(blank), note=text(population["note"]),
    )  # fmt: skip


def project(facts: Facts, budget: Facts) -> Entity:
    """One of the 14 priority projects, with how its budget is laid out (the lines are entities of their own)."""
    lines = next(item for item in budget["projects"] if item["project"] == facts["number"])
    sections = [{key: part for key, part in section.items() if key != "lines"} for section in lines["sections"]]
    talks = facts.get("districts_in_talks", {}).get("districts", [])
    return entity(
        "Project", facts["number"], facts["source"], name=text(facts["title"]), number=value(facts["number"]),
        priorityArea=json(facts["priority_area"]), field=text(facts["field"]), aim=text(facts["aim"]),
        background=text(facts["background"]), period=json(facts["period"]), note=text(facts["note"]),
        targetGroups=json(facts["target_groups"]), measures=json(facts["measures"]), departments=json(facts["departments"]),
        measureGroups=optional(facts, "measure_groups", json), steps=optional(facts, "steps", json),
        services=optional(facts, "services", json), earlierWork=optional(facts, "earlier_work", json),
        relatedPlans=optional(facts, "related_plans", json), targetPlace=optional(facts, "place", text),
        alsoWritten=optional(facts, "also_written", value), districtsInTalks=optional(facts, "districts_in_talks", json),
        districts=related(*(urn("District", slug) for slug in talks)) if talks else None,
        budgetFiscalYear=value(budget["fiscal_year"]), budgetPrintedThousandYen=value(lines["printed_total"]),
        budgetSections=json(sections), budgetNote=text(budget["note"]),
    )  # fmt: skip


def indicators(facts: Facts) -> Iterator[Entity]:
    """The key performance indicators of a project: each value as a number where there is one, and always as written."""
    for row in facts["kpis"]:
        repeats = f"{row['repeats']:02}" if row.get("repeated") else None
        yield entity(
            "KeyPerformanceIndicator", row["id"], facts["source"], name=text(row["name"]), code=value(row["id"]),
            project=related(urn("Project", facts["number"])), unit=optional(row, "unit", unit),
            baseline=optional(row["baseline"], "value", value), baselineWritten=value(row["baseline"]["written"]),
            baselineFiscalYear=value(row["baseline"]["year"]), target2024=optional(row["target_2024"], "value", value),
            target2024Written=value(row["target_2024"]["written"]), target2027=optional(row["target_2027"], "value", value),
            target2027Written=value(row["target_2027"]["written"]), direction=optional(row, "direction", value),
            targetBelowBaseline=value(True) if row.get("target_below_baseline") else None, note=optional(row, "note", text),
            alsoInProject=related(urn("Project", repeats)) if repeats else None,
        )  # fmt: skip


def goal_indicators(facts: Facts) -> Iterator[Entity]:
    """The three key goal indicators of the whole Vision. The document prints no present values."""
    for position, row in enumerate(facts["rows"], 1):
        yield entity(
            "KeyGoalIndicator", slug_of(row["key"]), facts["source"], name=text(row["name"]), unit=unit(row["unit"]),
            target=value(row["target"]["value"]), targetWritten=value(row["target"]["written"]), note=text(facts["note"]),
            comparison=value(row["target"]["comparison"]), targetFiscalYear=value(row["target"]["fiscal_year"]),
            position=value(position),
        )  # fmt: skip


def budget_lines(facts: Facts) -> Iterator[Entity]:
    """The lines of the budget in thousand yen, as printed. A repeated one (再掲) shows money that is counted elsewhere."""
    for item in facts["projects"]:
        for place, section in enumerate(item["sections"], 1):
            for position, row in enumerate(section["lines"], 1):
                yield entity(
                    "BudgetLine", f"{facts['fiscal_year']}-{item['project']:02}-{place:02}-{position:02}", facts["source"],
                    name=text(row["name"]), project=related(urn("Project", item["project"])), currency=value("JPY"),
                    fiscalYear=value(facts["fiscal_year"]), amountThousandYen=optional(row, "amount_thousand_yen", value),
                    amountWritten=optional(row, "written", value), department=value(row["department"]),
                    repeated=value(bool(row["repeated"])), section=optional(section, "number", value),
                    measure=optional(section, "measure_number", value), content=text(row["content"]),
                    note=optional(row, "note", text), position=value(place * 100 + position),
                )  # fmt: skip


def organizations(facts: Facts) -> Iterator[Entity]:
    """Partner businesses, members and observers of the council, and others that the text names; one entity a name."""
    found: dict[str, dict[str, Any]] = {}
    council = facts["council"]
    rows = [("partner", row["name"], row) for row in facts["businesses"]]
    rows += [("council", row["organisation"], row) for row in council["members"]]
    rows += [("observer", row["organisation"], row) for row in council["observers"]]
    rows += [("named", row["name"], row) for row in facts["other_named"]]
    for role, name, row in rows:
        entry = found.setdefault(slug_of(name["en"]), {"name": name, "roles": [], "projects": {}, "named": [], "fields": []})
        entry["roles"].append(role)
        entry["named"] += row.get("named_in", [])
        numbers = [named["project"] for named in row.get("named_in", [])] + list(row.get("projects", []))
        entry["projects"] |= dict.fromkeys(numbers)
        if row.get("field"):
            entry["fields"].append({"field": row["field"], "inferred": row["field_inferred"], "seats": row["seats"]})
    for slug, entry in found.items():
        yield entity(
            "Organization", slug, facts["source"], name=text(entry["name"]), roles=json(entry["roles"]),
            projects=related(*(urn("Project", number) for number in sorted(entry["projects"]))) if entry["projects"] else None,
            namedFor=optional(entry, "named", json), councilSeats=optional(entry, "fields", json),
        )  # fmt: skip


def places(facts: Facts, districts_facts: Facts, backup_power: Facts) -> Iterator[Entity]:
    """Places that the Vision names; the district where its town stands in the list of a district, or the text says so."""
    power = {slug_of(row["place"]["en"].replace(" General", "")): row for row in backup_power["rows"]}
    for row in facts["places"]:
        equipped = power.get(row["id"])
        slug = equipped["district"] if equipped else district_of_town(str(row.get("basis", "")), districts_facts)
        yield entity(
            "Place", row["id"], facts["source"], **names(row["name"]), **point(row), kind=value(row["kind"]),
            namedIn=json(row["named_in"]), note=optional(row, "note", text),
            townKnownFrom=optional(row, "town_known_from", value), district=related(urn("District", slug)) if slug else None,
            projects=related(*(urn("Project", number) for number in row["projects"])) if row["projects"] else None,
            solarAndBatteryFiscalYear=value(equipped["fiscal_year"]) if equipped else None,
        )  # fmt: skip


def district_of_town(basis: str, districts_facts: Facts) -> str | None:
    """The one district in whose list of towns this town stands; None where there is none, or more than one."""
    town = _TOWN.match(basis)
    if town is None:
        return None
    found = {row["slug"] for row in districts_facts["rows"] if any(name.startswith(town[1]) for name in row["basis"]["towns"])}
    return found.pop() if len(found) == 1 else None


def survey_results(facts: Facts) -> Iterator[Entity]:
    """What residents answered: satisfaction and importance by field, ranks without values as printed."""
    survey = {"survey": text(facts["survey"]["name"]), "published": value(facts["survey"]["published"]), "unit": unit("点")}
    for measure in ("satisfaction", "importance"):
        part = facts[measure]
        rows = [*part["highest"], *part.get("low", [])]
        for position, row in enumerate(rows, 1):
            yield entity(
                "SurveyResult", f"{measure}-{slug_of(row['field']['en'])}", facts["source"], **survey, name=text(row["field"]),
                measure=value(measure), rank=optional(row, "rank", value), score=optional(row, "value", value),
                meanScore=optional(part, "mean", value), position=value(position), note=text(facts["note"]),
            )  # fmt: skip


def glossary_terms(facts: Facts) -> Iterator[Entity]:
    """The words that the Vision explains, in the words of the file."""
    for row in facts["glossary"]:
        yield entity(
            "GlossaryTerm", slug_of(row["term"]["en"]), facts["source"], name=text(row["term"]),
            explanation=text(row["explanation"]), footnote=optional(row, "footnote", value),
        )  # fmt: skip


def resident_profiles(facts: Facts) -> Iterator[Entity]:
    """The residents whom the Vision pictures. Made up, and marked so; handled as personal data all the same."""
    for row in facts["personas"]:
        yield entity(
            "ResidentProfile", row["id"], facts["source"], synthetic=value(True), name=text(row["source_label"]),
            age=value(row["age"]), household=text(row["household"]), situation=text(row["situation"]), needs=json(row["needs"]),
            householdOtherAges=optional(row, "household_other_ages", json), smartphoneUse=value(row["smartphone_use"]),
            district=related(urn("District", row["district"]["slug"])), note=optional(row, "note", text),
            districtAssumed=value(bool(row["district"]["assumed"])),
            projects=related(*(urn("Project", number) for number in row["projects"])),
        )  # fmt: skip


def _filled(content: Any) -> Any:
    if isinstance(content, Mapping):
        return {str(key): _filled(part) for key, part in content.items() if part is not None}
    if isinstance(content, Sequence) and not isinstance(content, str):
        return [_filled(part) for part in content]
    return content
