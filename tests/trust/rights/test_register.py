"""Does the register say of every personal type what the law asks for, and is it open? A type that says too little fails here."""

import csv
from io import StringIO

import orjson
import pytest

from kairo.parts import manifests
from kairo.platform.handling import Filing
from kairo.platform.manifests import Concerns, EntityType, Manifest
from kairo.trust.rights.register.rules import EXCEPTIONS, entries, is_file, missing
from tests.trust.roles.hall import Hall

KINDS = [kind for manifest in manifests() for kind in manifest.entity_types if is_file(kind)]
ALL = {"ja": "x", "ja-x-easy": "x", "en": "x"}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type)
def test_every_personal_type_has_its_entry(kind: EntityType) -> None:
    assert not missing(kind), f"{kind.type}: declare {missing(kind)} (platform/handling.py, Filing)"


def test_a_type_that_says_too_little_is_seen() -> None:
    about = (Concerns("id", "self"),)
    silent = EntityType("A", "personal", ALL, subjects=about)
    assert missing(silent) == ["filing"]
    (entry,) = entries([Manifest("m", ALL, ALL, entity_types=(silent,))], [])
    assert not entry.office
    half = EntityType("A", "personal", {"en": "x"}, filing=Filing({"ja": "x"}, ALL, exception="none"))
    assert missing(half) == ["ja", "ja-x-easy", "filing.office.ja-x-easy", "filing.office.en", "filing.exception", "subjects"]
    whole = EntityType("A", "personal", ALL, subjects=about, filing=Filing(ALL, ALL, exception=next(iter(EXCEPTIONS))))
    assert not missing(whole)


@pytest.mark.parametrize("language", ["ja", "ja-x-easy", "en"])
async def test_anyone_reads_it(hall: Hall, language: str) -> None:
    browser = await hall.browser()
    answer = await browser.get(f"/{language}/personal-data-register")
    assert answer.status_code == 200
    text = answer.text.split("<main")[1]
    assert "rights." not in text
    for title in {"ja": "市民", "ja-x-easy": "しみん", "en": "Vital signs"}[language].split():
        assert title in text


async def test_it_is_had_as_csv_and_json(hall: Hall) -> None:
    browser = await hall.browser()
    got = await browser.get("/api/personal-data-register.csv")
    assert got.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(StringIO(got.content.decode("utf-8-sig"))))
    said = orjson.loads((await browser.get("/api/personal-data-register.json")).content)
    assert len(rows) == len(said) + 1 == len([kind for kind in KINDS if not kind.filing or not kind.filing.exception]) + 1
    by_type = {one["type"]: one for one in said}
    assert by_type["VitalSigns"]["sensitive"]
    assert by_type["VitalSigns"]["recipients"], "those whom a person may agree to stand in it"
    assert by_type["VitalSigns"]["keptDays"] == 365
    assert {"name": "name", "category": "personal"} in by_type["Resident"]["items"]
    assert "synthetic" not in {item["name"] for item in by_type["Resident"]["items"]}
