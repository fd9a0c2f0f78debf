"""What would April's rotation of staff change, and which lines of its table are wrong? Pure.

A line: sign-in name, department so far, department to come, day from which it holds; separated by tabs or commas, as a spreadsheet gives
them. Nothing is taken while any line is wrong.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from unicodedata import normalize

from kairo.errors import BadRequestData
from kairo.platform.clock import TOKYO
from kairo.trust.identity.accounts.account import Account
from kairo.trust.identity.accounts.rules import Status

MOST_LINES = 5000
LONGEST_DEPARTMENT = 80
FARTHEST = timedelta(days=400)
# What may be wrong with a line: words of messages (identity.rotation.<word>).
UNKNOWN, TWICE, CELLS, NOT_THERE, SAME, DAY, NAME = "unknown", "twice", "cells", "not_there", "same", "day", "name"


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it was given: `number` counts from 1."""

    number: int
    login: str
    before: str
    after: str
    since: str
    cells: int = 4


@dataclass(frozen=True, slots=True)
class Move:
    """What a line would change, or why it cannot (`wrong`). `since`: the moment at which it begins to hold."""

    line: Line
    account: Account | None
    since: datetime | None
    wrong: str = ""


def read(table: str) -> list[Line]:
    """The lines of a table. Empty lines and a heading do not count. Raises BadRequestData for a table that is empty or too long."""
    rows = list(csv.reader(table.splitlines(), delimiter="\t" if "\t" in table else ","))
    lines = [_line(number, row) for number, row in enumerate(rows, 1) if any(cell.strip() for cell in row)]
    if lines and lines[0].since and not any(sign.isdigit() for sign in lines[0].since):
        lines = lines[1:]
    if not 0 < len(lines) <= MOST_LINES:
        raise BadRequestData(
            f"give 1 to {MOST_LINES} lines",
            detail_ja=f"1行以上{MOST_LINES}行以下の表を貼り付けてください。",
            mend="One line a person: sign-in name, department so far, department to come, day (2027-04-01).",
            mend_ja="1人1行で「ログイン名、今の部署、新しい部署、日付（2027-04-01）」を入力してください。",
        )
    return lines


def _line(number: int, row: Sequence[str]) -> Line:
    login, before, after, since = (normalize("NFKC", cell).strip() for cell in (*row, "", "", "", "")[:4])
    return Line(number, login, before, after, since, len(row))


def preview(lines: Sequence[Line], staff: Mapping[str, Account], now: datetime) -> list[Move]:
    """What each line would change. `staff`: by sign-in name, with the department in which they work now."""
    seen: set[str] = set()
    moves = []
    for line in lines:
        login = line.login.casefold()
        account = staff.get(login)
        since = _moment(line.since)
        wrong = TWICE if login in seen else _wrong(line, account, since, now)
        seen.add(login)
        moves.append(Move(line, account, since, wrong))
    return moves


def _wrong(line: Line, account: Account | None, since: datetime | None, now: datetime) -> str:
    if line.cells != 4:
        return CELLS
    if account is None or account.kind != "staff" or account.status is not Status.ACTIVE:
        return UNKNOWN
    if (account.department or "") != line.before:
        return NOT_THERE
    if not 0 < len(line.after) <= LONGEST_DEPARTMENT or not line.after.isprintable():
        return NAME
    if line.after == line.before:
        return SAME
    return "" if since is not None and now - timedelta(days=31) <= since <= now + FARTHEST else DAY


def _moment(day: str) -> datetime | None:
    """The beginning of the day, in Japan: 2027-04-01 or 2027/4/1."""
    try:
        year, month, last = (int(part) for part in day.replace("/", "-").split("-"))
        return datetime.combine(date(year, month, last), time(), TOKYO)
    except (ValueError, OverflowError):
        return None
