"""Whose code is this? Eight digits that a person shows on their page; by them they are chosen, or asked, and nothing else.

Whoever tries ten wrong ones within an hour waits for the next hour: with a hundred codes shown at once, a stranger finds one in
a hundred thousand tries. A code that is wrong, used or too old is refused in the same words.
"""

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from kairo.context.gate import Scope
from kairo.errors import BadRequestData, TooManyRequests
from kairo.platform.clock import Clock
from kairo.platform.db import Unit
from kairo.trust.consent.codes import store

DIGITS: Final = 8
LIVES: Final = timedelta(minutes=30)
MOST_WRONG: Final = 10  # in an hour
_TYPED_MOST: Final = 40


class Database(Protocol):
    """The part of the database that codes need."""

    def unit(self, tenant: str) -> Any: ...
    def reading(self, tenant: str) -> Any: ...


@dataclass(frozen=True, slots=True)
class ShownCode:
    """A code, and until when it works."""

    code: str
    expires_at: datetime

    @property
    def spaced(self) -> str:
        """As it is read out: four digits, then four."""
        return f"{self.code[:4]} {self.code[4:]}"


class Codes:
    """The codes of an installation."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def new(self, tenant: str, person: str) -> ShownCode:
        """A new code of a person; the one before works no more."""
        now = self._clock()
        async with self._database.unit(tenant) as unit:
            await store.forget(unit.connection, tenant, now, _hour(now))
            code = _random()
            while await store.is_taken(unit.connection, tenant, code):
                code = _random()
            await store.put(unit.connection, tenant, person, code, now + LIVES)
        return ShownCode(code, now + LIVES)

    async def shown(self, tenant: str, person: str) -> ShownCode | None:
        """The code of a person that works now."""
        async with self._database.reading(tenant) as connection:
            row = await store.of_person(connection, tenant, person, self._clock())
        return None if row is None else ShownCode(row["code"], row["expires_at"])

    async def person(self, scope: Scope, typed: str) -> tuple[str, str]:
        """The code as it is written, and whose it is. Raises BadRequestData for one that does not work, TooManyRequests after too
        many of them."""
        code, now = _written(typed), self._clock()
        hour, tenant = _hour(now), scope.tenant
        async with self._database.unit(tenant) as unit:
            wrong = await store.tried(unit.connection, tenant, scope.principal, hour)
            found = await store.person(unit.connection, tenant, code, now) if wrong <= MOST_WRONG else None
            if found is not None:
                await store.was_right(unit.connection, tenant, scope.principal, hour)
        if wrong > MOST_WRONG:
            wait = int((hour + timedelta(hours=1) - now).total_seconds()) + 1
            raise TooManyRequests(
                "too many wrong codes within an hour",
                detail_ja="まちがったコードが続いたため、しばらく受け付けできません。",
                headers={"Retry-After": str(wait)},
            )
        if found is None:
            raise does_not_work()
        return code, found


async def use(unit: Unit, code: str, now: datetime) -> str:
    """Uses a code up within a unit: whose it is. Raises BadRequestData where it does not work any more."""
    found = await store.use(unit.connection, unit.tenant, code, now)
    if found is None:
        raise does_not_work()
    return found


def does_not_work() -> BadRequestData:
    """What is said of a wrong, used or old code alike."""
    return BadRequestData(
        "this code does not work: it is wrong, used or older than 30 minutes",
        detail_ja="このコードは使えません。まちがっているか、使用済みか、30分を過ぎています。",
        mend="Ask the person to show a new code on their page, and type it again.",
        mend_ja="相手の方に新しいコードを表示してもらい、もう一度入力してください。",
    )


def _written(typed: str) -> str:
    digits = "".join(sign for sign in unicodedata.normalize("NFKC", typed[:_TYPED_MOST]) if sign.isascii() and sign.isdigit())
    return digits if len(digits) == DIGITS else ""


def _random() -> str:
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
