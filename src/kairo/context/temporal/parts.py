"""Where does an answer about the past go on that was cut? Behind the last instance that was shown, as text in the parameter
`afterInstance` (CIM 009 6.3.10 cuts by moments; one moment may hold more than an answer).

It holds nothing that its reader was not shown or could not ask for, so it needs no seal: whoever changes it begins elsewhere.
"""

import base64
import binascii
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from typing import Any

import orjson

from kairo.errors import BadRequestData
from kairo.platform.clock import iso

_MOST_ALIKE = 1_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """The last instance that was shown: its place in the order of an answer, and `alike`, how many with all of that were shown (a
    clock that was set back gives several the same moment). `first`, `last`: the page's entities; `more`: others follow it."""

    time: datetime
    at: datetime
    number: int
    attribute: str
    dataset: str
    entity: str
    alike: int = 1
    first: str = ""
    last: str = ""
    more: bool = False

    @property
    def place(self) -> tuple[datetime, datetime, int, str, str, str]:
        """What answers are ordered by."""
        return self.time, self.at, self.number, self.attribute, self.dataset, self.entity

    def of_page(self, first: str, last: str, *, more: bool) -> "Part":
        """The same of a page of a query."""
        return replace(self, first=first, last=last, more=more)

    def written(self) -> str:
        """As it stands in an address."""
        time, at, *rest = astuple(self)
        return base64.urlsafe_b64encode(orjson.dumps([iso(time), iso(at), *rest])).rstrip(b"=").decode()


def part_after(rows: list[Any], before: Part | None) -> Part:
    """That of the last of these rows, which are those of one answer in its order; `before` is where the answer began."""
    place, alike = _place(rows[-1]), 0
    for row in reversed(rows):
        if _place(row) != place:
            break
        alike += 1
    if alike == len(rows) and before is not None and before.place == place:
        alike += before.alike
    return Part(*place, alike=alike)


def _place(row: Any) -> tuple[datetime, datetime, int, str, str, str]:
    return row["time"], row["at"], row["number"], row["attribute"], row["dataset"], row["entity"]


def read_part(text: str) -> Part:
    """What `written` gave. Raises BadRequestData for anything else."""
    try:
        time, at, number, attribute, dataset, entity, alike, first, last, more = orjson.loads(
            base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
        )
        names = (attribute, dataset, entity, first, last)
        if (
            all(type(name) is str and "\0" not in name for name in names)
            and type(number) is int
            and type(alike) is int
            and type(more) is bool
            and 0 <= number < 2**31
            and 0 < alike <= _MOST_ALIKE
        ):
            return Part(_moment(time), _moment(at), number, attribute, dataset, entity, alike, first, last, more)
    except (ValueError, TypeError, binascii.Error):
        pass
    raise BadRequestData(
        "afterInstance is not from an answer that was cut",
        detail_ja="afterInstance が途中で切れた応答のものではありません。",
        mend="Take it from the link to the next part of an answer (206), and leave the rest of the query as it was.",
        mend_ja="応答（206）の次の部分へのリンクをそのまま使ってください。",
        parameter="afterInstance",
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment
