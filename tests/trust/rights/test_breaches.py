"""Is a leak to be reported, until when, and whom does it concern? A truth table, and a report from the log of real looks."""

from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest

from kairo.platform.clock import TOKYO, system_clock
from kairo.platform.handling import Controller, DataCategory
from kairo.trust.rights.breaches.rules import Ground, deadlines, grounds
from tests.trust.rights.test_requests import HANAKO, main_of
from tests.trust.roles.hall import Hall, principal_of

PERSONAL, SENSITIVE = {DataCategory.PERSONAL}, {DataCategory.PERSONAL, DataCategory.SENSITIVE}


@pytest.mark.parametrize("is_property", [False, True])
@pytest.mark.parametrize("is_malicious", [False, True])
def test_which_grounds_hold(is_property: bool, is_malicious: bool) -> None:
    stated: dict[str, Any] = {"is_property": is_property, "is_malicious": is_malicious}
    always = {*([Ground.PROPERTY] if is_property else []), *([Ground.MALICIOUS] if is_malicious else [])}
    for kinds, persons, controller in product((PERSONAL, SENSITIVE), (1, 100, 101, 1000, 1001), Controller):
        expected = always | ({Ground.SENSITIVE} if kinds is SENSITIVE else set())
        if persons > (100 if controller is Controller.MUNICIPAL else 1000):
            expected |= {Ground.MANY}
        assert set(grounds(kinds, persons, controller=controller, **stated)) == expected
        assert not grounds(kinds, persons, controller=controller, is_protected=True, **stated)
    assert not grounds(SENSITIVE, 0, **stated)


@pytest.mark.parametrize(("is_malicious", "final"), [(False, date(2026, 4, 30)), (True, date(2026, 5, 30))])
def test_the_two_deadlines(is_malicious: bool, final: date) -> None:
    found = deadlines(date(2026, 4, 1), is_malicious=is_malicious)
    assert (found.early_from, found.early_until, found.final) == (date(2026, 4, 3), date(2026, 4, 5), final)


@pytest.mark.parametrize("language", ["ja", "ja-x-easy", "en"])
async def test_a_report_from_the_log(hall: Hall, language: str) -> None:
    clerk = await hall.on_duty("clerk", "counter")
    assert (await clerk.get(f"/ngsi-ld/v1/entities/{HANAKO}", headers={"accept": "application/json"})).status_code == 200
    auditor = await hall.on_duty("auditor", "privacy-oversight")
    main_of(await auditor.get(f"/{language}/console/breaches"))
    today = system_clock().astimezone(TOKYO).date()
    said = {
        "noticed": f"{today}",
        "since": f"{today - timedelta(days=1)}",
        "until": f"{today}",
        "text": "A list was lost.",
        "type": "Resident",
    }
    made = await auditor.post("/en/console/breaches", data={**said, "principal": principal_of("clerk"), "malicious": "yes"})
    assert made.status_code == 303, made.text
    path = made.headers["location"].removeprefix("/en")
    text = main_of(await auditor.get(f"/{language}{path}"))
    assert "山口 花子" in text
    assert "A list was lost." in text
    assert "施行規則43条3号" in text
    must = {"ja": "報告が必要です", "ja-x-easy": "いります", "en": "It has to be reported"}[language]
    assert must in text
    other = await auditor.post("/en/console/breaches", data={**said, "principal": "application:nobody"})
    assert "need not be reported" in main_of(await auditor.get(other.headers["location"]))


async def test_bad_input_and_who_may(hall: Hall) -> None:
    auditor = await hall.on_duty("auditor", "privacy-oversight")
    today = system_clock().astimezone(TOKYO).date()
    good = {"noticed": f"{today}", "since": f"{today}", "until": f"{today}", "text": "x"}
    for wrong in (
        *(
            {"noticed": odd}
            for odd in ("", "yesterday", "0001-01-01", f"{today + timedelta(days=1)}", f"{today - timedelta(days=1)}")
        ),
        *({"until": odd} for odd in ("2027-13-01", f"{today - timedelta(days=2)}", f"{today + timedelta(days=400)}")),
        *({"text": odd} for odd in ("", "x" * 2001)),
    ):
        assert (await auditor.post("/en/console/breaches", data={**good, **wrong})).status_code == 400, wrong
    assert (await auditor.get("/en/console/breaches/none")).status_code == 404
    clerk = await hall.on_duty("clerk", "counter")
    assert (await clerk.get("/en/console/breaches")).status_code == 403
    assert (await clerk.post("/en/console/breaches", data=good)).status_code == 403
    assert (await (await hall.browser("hanako")).get("/en/console/breaches")).status_code == 403
    assert (await (await hall.browser()).get("/en/console/breaches")).status_code == 303
