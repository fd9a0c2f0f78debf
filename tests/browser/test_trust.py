"""The Vision's family in a real browser: a son sees his mother's readings when she agreed, she sees that he looked, and it ends when she
says so. On a phone, and once without JavaScript."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from kairo.services.health.tasks import id_of
from kairo.trust.identity.accounts.demo import key_of
from kairo.trust.identity.principals import PERSON

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
