"""Does April's rotation change what its preview said, all of it or nothing, from its day on?"""

from datetime import UTC, datetime

import pytest

from kairo.errors import BadRequestData
from kairo.platform.clock import TOKYO
from kairo.trust.identity.accounts import rotation
from kairo.trust.identity.accounts.account import Account
from kairo.trust.identity.accounts.rules import Event, Status
from kairo.trust.identity.permissions import PERSONNEL
from tests.trust.identity.accounts.test_pages import clerk
from tests.trust.identity.town import BY, Town

NOW = datetime(2027, 3, 20, tzinfo=UTC)
MORI = Account("m", "staff", "森", department="市民課", login="mori")
STAFF = {"mori": MORI, "gone": Account("g", "staff", "前任", department="市民課", login="gone", status=Status.CLOSED)}
PATH = "/console/staff"


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("mori,市民課,防災危機管理課,2027-04-01", ""),
        ("mori\t市民課\t防災危機管理課\t2027/4/1", ""),
        (" MORI , 市民課 , 防災危機管理課 , ２０２７-０４-０１ ", ""),
        ('mori,市民課,"課, 新",2027-04-01', ""),
        ("nobody,市民課,防災危機管理課,2027-04-01", rotation.UNKNOWN),
        ("gone,市民課,防災危機管理課,2027-04-01", rotation.UNKNOWN),
        ("mori,健康増進課,防災危機管理課,2027-04-01", rotation.NOT_THERE),
        ("mori,市民課,市民課,2027-04-01", rotation.SAME),
        ("mori,市民課,,2027-04-01", rotation.NAME),
        ("mori,市民課," + "課" * 81 + ",2027-04-01", rotation.NAME),
        ("mori,市民課,防災危機管理課,2027-02-30", rotation.DAY),
        ("mori,市民課,防災危機管理課,1", rotation.DAY),
        ("mori,市民課,防災危機管理課,2029-04-01", rotation.DAY),
        ("mori,市民課,防災危機管理課,2026-04-01", rotation.DAY),
        ("mori,市民課,防災危機管理課", rotation.CELLS),
        ("mori,市民課,防災危機管理課,2027-04-01,x", rotation.CELLS),
    ],
)
def test_each_line(line: str, wrong: str) -> None:
    (move,) = rotation.preview(rotation.read(line), STAFF, NOW)
    assert move.wrong == wrong
    if not wrong:
        assert move.since == datetime(2027, 4, 1, tzinfo=TOKYO)


def test_a_heading_and_empty_lines_do_not_count_and_nobody_stands_twice() -> None:
    table = "ログイン名,今の部署,新しい部署,日付\n\nmori,市民課,会計課,2027-04-01\nmori,市民課,税務課,2027-04-01\n"
    moves = rotation.preview(rotation.read(table), STAFF, NOW)
    assert [(move.line.number, move.wrong) for move in moves] == [(3, ""), (4, rotation.TWICE)]


@pytest.mark.parametrize("table", ["", "\n \n", "a,b,c,日付", "mori,市民課,会計課,2027-04-01\n" * (rotation.MOST_LINES + 1)])
def test_no_table(table: str) -> None:
    with pytest.raises(BadRequestData):
        rotation.read(table)


async def test_it_holds_from_its_day_on(city: Town) -> None:
    one, other = await city.staff(login="mori"), await city.staff(login="hayashi", department="健康増進課")
    city.clock.now = NOW
    table = "mori,市民課,防災危機管理課,2027-04-01\nhayashi,健康増進課,市民課,2027-04-01"
    assert [move.wrong for move in await city.identity.accounts.preview_rotation(table)] == ["", ""]
    assert await city.identity.accounts.rotate(table, by=BY) == 2
    departments = {}
    for moment in (datetime(2027, 3, 31, 23, 59, 59, tzinfo=TOKYO), datetime(2027, 4, 1, tzinfo=TOKYO)):
        city.clock.now = moment
        found = await city.identity.accounts.many([one.key, other.key])
        departments[moment.day] = (found[one.key].department, found[other.key].department)
        async with city.kairo.database.reading(city.tenant) as connection:
            here = await city.identity.people.staff_of(connection, city.tenant, "department:市民課")
        assert here == [one.principal if moment.day == 31 else other.principal]
    assert departments == {31: ("市民課", "健康増進課"), 1: ("防災危機管理課", "市民課")}


async def test_one_wrong_line_stops_all(city: Town) -> None:
    one = await city.staff(login="mori")
    leaving = await city.staff(login="hayashi")
    city.clock.now = NOW
    table = "mori,市民課,防災危機管理課,2027-04-01\nhayashi,市民課,会計課,2027-04-01"
    assert not any(move.wrong for move in await city.identity.accounts.preview_rotation(table))
    await city.identity.accounts.happen(leaving.key, Event.CLOSED, by=BY, reason="退職")
    with pytest.raises(BadRequestData, match="lines 2 are wrong"):
        await city.identity.accounts.rotate(table, by=BY)
    city.clock.now = datetime(2027, 4, 2, tzinfo=TOKYO)
    assert (await city.identity.accounts.get(one.key)).department == "市民課"


async def test_the_page_previews_and_applies(city: Town) -> None:
    await city.staff("例 森", login="mori")
    browser, _ = await clerk(city, PERSONNEL)
    wrong = await browser.post(f"/ja{PATH}", data={"action": "preview", "table": "mori,市民課,会計課,2026-12-01\nx,a,b,c"})
    assert wrong.status_code == 200
    assert "該当する職員がいません" in wrong.text
    assert 'value="apply"' not in wrong.text
    table = "mori,市民課,会計課,2026-12-01"
    right = await browser.post(f"/ja{PATH}", data={"action": "preview", "table": table})
    assert 'value="apply"' in right.text
    assert "例 森" in right.text
    applied = await browser.post(f"/ja{PATH}", data={"action": "apply", "table": table})
    assert "1人の異動を反映しました" in applied.text
    assert (await browser.post(f"/ja{PATH}", data={"action": "apply", "table": "x"})).status_code == 400


async def test_the_page_makes_closes_and_enrols(city: Town) -> None:
    browser, _ = await clerk(city, PERSONNEL)
    form = {"action": "register", "name": "例 新任", "login": "Shinnin", "department": "会計課"}
    made = await browser.post(f"/ja{PATH}", data=form)
    assert made.status_code == 200
    assert "/ja/enrol?code=" in made.text
    assert (await browser.post(f"/ja{PATH}", data=form)).status_code == 409
    assert (await browser.post(f"/ja{PATH}", data={**form, "name": ""})).status_code == 400
    (one,) = [each for each in await city.identity.accounts.every("staff") if each.login == "shinnin"]
    assert one.department == "会計課"
    assert (await browser.post(f"/ja{PATH}", data={"action": "enrol", "key": one.key, "reason": "紛失"})).status_code == 200
    assert (await browser.post(f"/ja{PATH}", data={"action": "close", "key": one.key})).status_code == 200
    assert (await city.identity.accounts.get(one.key)).status is Status.CLOSED
    resident = await city.resident()
    for action in ("enrol", "close"):
        answer = await browser.post(f"/ja{PATH}", data={"action": action, "key": resident.key, "reason": "x"})
        assert answer.status_code == 404, "residents are the counter's"
    assert (await browser.post(f"/ja{PATH}", data={"action": "?"})).status_code == 400
    assert (await browser.get(f"/ja{PATH}")).status_code == 200
