"""The Vision's family in a real browser: a son sees his mother's readings when she agreed, she sees that he looked, and it ends when she
says so. On a phone, and once without JavaScript."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page

from kairo.services.health.tasks import id_of
from kairo.trust.identity.accounts.demo import key_of
from kairo.trust.identity.principals import PERSON
from tests.browser.conftest import Program

pytestmark = [pytest.mark.browser, pytest.mark.slow]
READINGS = f"/ja/entities/{id_of(PERSON + key_of('hanako'))}"
SignIn = Callable[..., Any]


@pytest.fixture
def sign_in(visit: Any) -> SignIn:
    """`sign_in(slug)`: one of the demo's people, on a phone."""

    def signed_in(slug: str, **more: Any) -> Any:
        visitor = visit("/ja/sign-in", 390, 844, **more)
        visitor.page.click(f'form:has(input[value="{key_of(slug)}"]) button')
        visitor.page.wait_for_load_state()
        return visitor

    return signed_in


def said(page: Page) -> str:
    return page.locator("main").inner_text()


def code_of(visitor: Any) -> str:
    """The code by which someone else chooses this person."""
    visitor.goto("/ja/me/consents")
    visitor.page.click("main button:has-text('コード')")
    visitor.page.wait_for_load_state()
    found = re.search(r"\b\d{4}[ -]?\d{4}\b", said(visitor.page))
    assert found is not None
    return found[0]


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_a_son_sees_his_mothers_readings_while_she_agrees(sign_in: SignIn, scripts: bool) -> None:
    son, mother = sign_in("taro", java_script_enabled=scripts), sign_in("hanako", java_script_enabled=scripts)
    assert son.goto(READINGS) == 404
    code = code_of(son)

    mother.goto("/ja/me/consents/new")
    page = mother.page
    page.fill("main input[name=code]", code)
    page.click("main button:has-text('見てもらう')")
    page.wait_for_load_state()
    assert "山口 太郎" in said(page)
    page.check("label:has-text('毎日の健康の記録')")
    page.check("label:has-text('約1か月')")
    page.click("text=同意して、見てもらう")
    page.wait_for_load_state()
    assert "同意中" in said(page)

    son.goto("/ja/me/data")
    assert "山口 花子さん" in said(son.page)
    son.page.click("main a:has-text('毎日の健康の記録')")
    son.page.wait_for_load_state()
    assert "脈拍" in said(son.page)
    assert "合成データ" in said(son.page)

    mother.goto("/ja/me/looks")
    assert "山口 太郎" in said(page)
    assert "本人の同意" in said(page)

    mother.goto("/ja/me/consents")
    page.click("main :text('撤回する')")
    page.wait_for_load_state()
    if page.locator("main button:has-text('撤回する')").count():  # asks once more
        page.click("main button:has-text('撤回する')")
        page.wait_for_load_state()
    assert son.goto(READINGS) == 404
    son.goto("/ja/me/data")
    assert "山口 花子さん" not in said(son.page)
    assert not [what for what in (*son.trouble, *mother.trouble) if "404" not in what]


def test_a_neighbour_sees_nothing(sign_in: SignIn) -> None:
    neighbour = sign_in("misaki")
    assert neighbour.goto(READINGS) == 404
    assert "花子" not in said(neighbour.page)
    neighbour.goto("/ja/me/data")
    assert "花子" not in said(neighbour.page)
    assert "湯田 ひなた" in said(neighbour.page)  # her child, for whom she acts


def choose_duty(visitor: Any, words: str) -> None:
    """Staff say under which duty they work now."""
    visitor.goto("/ja/console/duty")
    visitor.page.click(f"main article:has-text('{words}') button")
    visitor.page.wait_for_load_state()


def test_consent_on_paper_and_the_look_of_a_clerk(sign_in: SignIn) -> None:
    clerk, son, mother = sign_in("clerk"), sign_in("taro"), sign_in("hanako")
    choose_duty(clerk, "住民の届出")
    clerk.goto("/ja/console/people")
    page = clerk.page
    page.fill("main input[name=name]", "山口 花子")
    for part, number in (("year", "1944"), ("month", "5"), ("day", "10")):
        page.fill(f"main [name=born_{part}]", number)
    page.click("main button:has-text('確認する')")
    page.wait_for_load_state()
    assert "市内在住" in said(page)
    mother.goto("/ja/me/looks")
    assert "窓口 一郎" in said(mother.page)

    assert son.goto(READINGS) == 404
    choose_duty(clerk, "紙の同意書")
    clerk.goto("/ja/console/consents?purpose=family")
    page.fill("main input[name=person]", key_of("hanako"))
    page.fill("main input[name=recipient]", key_of("taro"))
    page.check("main input[value=vital-signs]")
    page.check("main input[name=until] >> nth=0")
    page.fill("main input[name=evidence]", "同意書つづり12の3")
    page.click("main button:has-text('内容を確かめる')")
    page.wait_for_load_state()
    assert "山口 花子" in said(page)
    page.click("main button[value=give]")
    page.wait_for_load_state()
    assert "同意の控え" in said(page)
    assert son.goto(READINGS) == 200
    assert "脈拍" in said(son.page)

    mother.goto("/ja/me/consents")
    mother.page.click("main :text('撤回する')")
    mother.page.wait_for_load_state()
    if mother.page.locator("main button:has-text('撤回する')").count():
        mother.page.click("main button:has-text('撤回する')")
        mother.page.wait_for_load_state()
    assert son.goto(READINGS) == 404


def test_an_emergency_release_opens_is_used_and_closes(sign_in: SignIn, program: Program) -> None:
    mother = PERSON + key_of("hanako")
    entry = {"id": "urn:ngsi-ld:SupportListEntry:hanako", "type": "SupportListEntry", "name": "山口 花子", "synthetic": True}
    entry |= {"telephone": "083-000-0000", "person": {"type": "Relationship", "object": mother}}
    token = (program.data / "admin.token").read_text().strip()
    made = httpx.post(f"{program.base}/ngsi-ld/v1/entities", json=entry, headers={"Authorization": f"Bearer {token}"})
    assert made.status_code == 201, made.text
    listed = f"/ja/entities/{entry['id']}"

    nurse, first, second = sign_in("nurse"), sign_in("officer-1"), sign_in("officer-2")
    assert nurse.goto(listed) == 404
    choose_duty(first, "災害")
    first.goto("/ja/console/emergency")
    page = first.page
    page.check("main input[name=kind][value=real]")
    page.fill("main [name=reason]", "椹野川の氾濫のおそれ（試験）")
    page.check("main input[name=in_disaster]")
    page.check("main input[name=for_life]")
    page.check("main label:has-text('保健 めぐみ')")
    page.check("main input[name=list]")
    page.select_option("main select[name=hours]", label="6時間")
    page.click("main button:has-text('開く')")
    page.wait_for_load_state()
    assert "椹野川" in said(page)

    choose_duty(nurse, "椹野川")
    assert nurse.goto(listed) == 200
    assert "083-000-0000" in said(nurse.page)

    choose_duty(second, "災害")
    second.goto("/ja/console/emergency")
    second.page.click("main button:has-text('二人目として確認する')")
    second.page.wait_for_load_state()
    assert nurse.goto(listed) == 200
    second.goto("/ja/console/emergency")
    second.page.click("main button:has-text('閉じる')")
    second.page.wait_for_load_state()
    assert nurse.goto(listed) == 404

    told = sign_in("hanako")
    told.goto("/ja/me")
    assert "椹野川" in said(told.page)
    told.goto("/ja/me/looks")
    assert "保健 めぐみ" in said(told.page)
