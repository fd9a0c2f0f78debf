"""Does staff sign in by password and one-time code, each code once, and does no number of wrong ones lock a person out?"""

import asyncio
from datetime import timedelta

import pyotp
import pytest
from argon2 import PasswordHasher

from kairo.app import Kairo
from kairo.errors import BadRequestData, TooManyRequests, Unauthenticated
from kairo.trust.identity.accounts.account import Account
from kairo.trust.identity.accounts.rules import Event
from kairo.trust.identity.service import Identity
from kairo.trust.identity.signin.passwords.rules import (
    check_password,
    matching_step,
    new_recovery_codes,
    recovery_code,
    step_of,
)
from tests.trust.identity.signin.authenticator import Authenticator
from tests.trust.identity.town import BY, Clock, Town

PASSWORD = "橋の下のガラスの自転車と雨"
PLACE, ELSEWHERE = "198.51.100.1", "203.0.113.9"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def quick(identity: Identity) -> Identity:
    """The same with a hash that takes no time: what is tested is not the hash."""
    identity.passwords._hasher = QUICK
    identity.passwords._nobody = QUICK.hash("nobody")
    return identity


async def enrolled(city: Town) -> tuple[Account, str, list[str]]:
    """A member of staff with a password; the secret of their codes and their recovery codes."""
    account = await city.staff(login="Mori")
    quick(city.identity)
    link = await city.identity.enrolment.issue(account.key, by=BY, reason="新任")
    secret, uri = city.identity.passwords.new_secret(account)
    assert "mori" in uri
    code = pyotp.TOTP(secret).at(city.clock())
    _, codes = await city.identity.enrolment.by_password(link, PASSWORD, secret, code)
    city.clock.pass_(seconds=60)
    return account, secret, codes


async def sign_in(
    city: Town, password: str, code: str, *, login: str = "mori", source: str = PLACE, known: str = ""
) -> tuple[str, str]:
    return await city.identity.sign_in_by_password(login, password, code, source=source, known=known, device="test")


async def test_password_and_code_sign_in_strongly(city: Town) -> None:
    account, secret, _ = await enrolled(city)
    session, known = await sign_in(city, PASSWORD, pyotp.TOTP(secret).at(city.clock()), login=" MORI ")
    found = await city.identity.sessions.find(session)
    assert found is not None
    assert (found.principal.id, found.aal, found.method) == (account.principal, 2, "password")
    assert len(known) > 40


async def test_wide_signs_are_the_same_password(city: Town) -> None:
    _, secret, _ = await enrolled(city)
    wide = PASSWORD.replace("ガラス", "ｶﾞﾗｽ")
    await sign_in(
        city, wide, pyotp.TOTP(secret).at(city.clock()).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    )


@pytest.mark.parametrize("wrong", ["password", "code", "login", "empty", "closed", "old code"])
async def test_what_is_wrong_is_not_told(city: Town, wrong: str) -> None:
    account, secret, _ = await enrolled(city)
    code = pyotp.TOTP(secret).at(city.clock())
    if wrong == "closed":
        await city.identity.accounts.happen(account.key, Event.CLOSED, by=BY, reason="退職")
    if wrong == "old code":
        code = pyotp.TOTP(secret).at(city.clock() - timedelta(minutes=2))
    password = {"password": "another password", "empty": ""}.get(wrong, PASSWORD)
    code = {"code": f"{(int(code) + 1) % 1_000_000:06}", "empty": ""}.get(wrong, code)
    with pytest.raises(Unauthenticated, match="the name, the password or the code is wrong"):
        await sign_in(city, password, code, login="nobody" if wrong == "login" else "mori")


@pytest.mark.parametrize(
    ("skew", "taken"), [(-31, False), (-30, True), (-1, True), (0, True), (29, True), (59, True), (60, False)]
)
async def test_clocks_go_wrong_by_half_a_minute(city: Town, skew: int, taken: bool) -> None:
    """The staff's device is `skew` seconds ahead."""
    _, secret, _ = await enrolled(city)
    city.clock.now = city.clock().replace(second=0)
    code = pyotp.TOTP(secret).at(city.clock() + timedelta(seconds=skew))
    if taken:
        await sign_in(city, PASSWORD, code)
    else:
        with pytest.raises(Unauthenticated):
            await sign_in(city, PASSWORD, code)


async def test_a_code_counts_once_however_many_try_it_at_one_time(city: Town) -> None:
    _, secret, _ = await enrolled(city)
    code = pyotp.TOTP(secret).at(city.clock())
    tries = (sign_in(city, PASSWORD, code, source=f"198.51.100.{n}") for n in range(5))
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(isinstance(one, Unauthenticated) for one in results) == [False, True, True, True, True]


async def test_a_recovery_code_counts_once(city: Town) -> None:
    _, _, codes = await enrolled(city)
    assert len(set(codes)) == 10
    await sign_in(city, PASSWORD, codes[3].upper())
    with pytest.raises(Unauthenticated):
        await sign_in(city, PASSWORD, codes[3])
    await sign_in(city, PASSWORD, codes[4].replace("-", " "))


async def test_ten_thousand_wrong_passwords_lock_nobody_out(city: Town) -> None:
    """A stranger tries without end; the person signs in from elsewhere, from a known device beside the stranger, and by passkey."""
    account, secret, _ = await enrolled(city)
    _, known = await sign_in(city, PASSWORD, pyotp.TOTP(secret).at(city.clock()))
    device = Authenticator()
    await city.identity.passkeys.add(account, device.make(await city.identity.passkeys.begin_registration(account, PLACE)), "")
    counted = refused = 0
    for number in range(10_000):
        try:
            await sign_in(city, f"wrong {number}", "000000")
        except TooManyRequests as error:
            refused += 1
            assert int(error.headers["Retry-After"]) <= 900
        except Unauthenticated:
            counted += 1
        if number % 100 == 0:
            city.clock.pass_(seconds=1)
    assert counted + refused == 10_000
    assert counted <= 12, "what was looked at"
    with pytest.raises(TooManyRequests):
        await sign_in(city, PASSWORD, pyotp.TOTP(secret).at(city.clock()))
    city.clock.pass_(seconds=60)
    await sign_in(city, PASSWORD, pyotp.TOTP(secret).at(city.clock()), source=ELSEWHERE)
    city.clock.pass_(seconds=60)
    await sign_in(city, PASSWORD, pyotp.TOTP(secret).at(city.clock()), known=known)
    assert await city.identity.passkeys.finish(device.sign(await city.identity.passkeys.begin(PLACE))) == account.key


async def test_from_many_places_at_once_one_waits_half_a_minute_at_the_most(city: Town) -> None:
    _, secret, _ = await enrolled(city)
    for number in range(300):
        with pytest.raises((Unauthenticated, TooManyRequests)):
            await sign_in(city, "wrong password", "000000", source=f"10.0.{number // 200}.{number % 200}")
    city.clock.pass_(seconds=31)
    await sign_in(city, PASSWORD, pyotp.TOTP(secret).at(city.clock()), source=ELSEWHERE)


async def test_workers_count_together(city: Town) -> None:
    await enrolled(city)
    other = quick(Kairo(city.kairo.settings, city.kairo.database, city.clock).identity)
    results = await asyncio.gather(
        *(
            identity.sign_in_by_password("mori", "wrong", "0", source=PLACE, known="", device="")
            for identity in (city.identity, other) * 10
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Unauthenticated) for one in results) <= 6


async def test_a_foreign_device_secret_is_no_known_device(city: Town) -> None:
    _, secret, _ = await enrolled(city)
    _, known = await sign_in(city, PASSWORD, pyotp.TOTP(secret).at(city.clock()))
    other = await city.staff(login="hayashi")
    for _ in range(6):
        with pytest.raises(Unauthenticated):
            await sign_in(city, "wrong", "0", login="hayashi", known=known)
    with pytest.raises(TooManyRequests):
        await sign_in(city, "wrong", "0", login="hayashi", known=known)
    city.clock.pass_(seconds=60)
    await sign_in(city, PASSWORD, pyotp.TOTP(secret).at(city.clock()), known=known)
    assert other.login == "hayashi"


@pytest.mark.parametrize("password", ["", "short", "aaaaaaaaaaaaaaaa", "morimorimorimori", "x" * 300, "ababababababab"])
def test_no_password(password: str) -> None:
    with pytest.raises(BadRequestData):
        check_password(password, "mori", "森 一郎")


def test_a_password() -> None:
    assert check_password("correct horse battery", "mori") == "correct horse battery"


def test_recovery_codes_are_read_however_they_are_typed() -> None:
    for code in new_recovery_codes():
        assert recovery_code(code.upper().replace("-", "－")) == code.replace("-", "")


def test_a_step_is_taken_after_the_last_one_only() -> None:
    clock, secret = Clock(), pyotp.random_base32()
    step = step_of(clock())
    code = pyotp.TOTP(secret).at(clock())
    assert matching_step(secret, code, clock(), step - 1) == step
    assert matching_step(secret, code, clock(), step) is None
    for wrong in ("", "12345", "1234567", "abcdef", "１２３"):
        assert matching_step(secret, wrong, clock(), 0) is None
