"""Does a code lead to one person, once, for half an hour, and can nobody guess one?"""

import pytest

from kairo.errors import (
    BadRequestData,
    TooManyRequests,
)
from tests.trust.consent.acting import me
from tests.trust.consent.people import (
    MOTHER,
    NEIGHBOUR,
    SON,
    City,
    city,
    resident,
)


async def test_a_code_is_used_once_and_lives_for_half_an_hour(town: City) -> None:
    first = await town.code(SON)
    second = await town.code(SON)
    scope = me(town, MOTHER)
    assert (await town.codes.person(scope, f" {second[:4]}-{second[4:]} ")) == (second, SON)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in second)
    assert (await town.codes.person(scope, wide))[1] == SON
    assert (await town.codes.shown(town.tenant, SON)) is not None
    told = set()
    for code in (first, "12345678", "", "1234", "x" * 10_000, "\0" * 8):
        with pytest.raises(BadRequestData) as refusal:
            await town.codes.person(scope, code)
        told.add(refusal.value.detail)
    town.pass_time(minutes=30)
    with pytest.raises(BadRequestData) as refusal:
        await town.codes.person(scope, second)
    assert told == {refusal.value.detail}
    assert await town.codes.shown(town.tenant, SON) is None


async def test_a_code_does_not_work_elsewhere(town: City) -> None:
    elsewhere = await city(town.database, f"{town.tenant}_else")
    with pytest.raises(BadRequestData):
        await elsewhere.codes.person(resident(MOTHER, tenant=elsewhere.tenant), await town.code(SON))


async def test_guessing_ends_and_stops_nobody_else(town: City) -> None:
    scope, code = me(town, NEIGHBOUR), await town.code(SON)
    for _ in range(10):
        with pytest.raises(BadRequestData):
            await town.codes.person(scope, "00000000" if code != "00000000" else "11111111")
    with pytest.raises(TooManyRequests) as refusal:
        await town.codes.person(scope, code)
    assert 0 < int(refusal.value.headers["Retry-After"]) <= 3601
    assert (await town.codes.person(me(town, MOTHER), code))[1] == SON
    town.pass_time(hours=1)
    assert (await town.codes.person(scope, await town.code(SON)))[1] == SON


async def test_right_codes_are_not_counted(town: City) -> None:
    scope, code = me(town, MOTHER), await town.code(SON)
    for _ in range(15):
        await town.codes.person(scope, code)
