"""What may stand in the rows of an extract? Values made coarser, rare ones folded, and how many persons look alike in it.

k: every combination of the columns that others may know stands in at least k rows. l: among those who look alike, each sensitive column
has at least l different values, so that looking alike does not mean having the same.
"""

import hashlib
import hmac
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kairo.platform.manifests import EntityType
from kairo.platform.web.charts import DataTable
from kairo.trust.anonymity.axes import OLDEST
from kairo.trust.anonymity.groups import UNKNOWN, Value
from kairo.trust.anonymity.rules import Dimension, dimension_of

RARE: Final = "*"
ID: Final = "pseudonym"
KINDS: Final = ("pseudonymised", "anonymised")
Row = tuple[str, tuple[str, ...]]  # person, values


def columns_of(kind: EntityType, written: Sequence[str]) -> tuple[Dimension, ...]:
    """Reads columns, written as dimensions are. Raises BadRequestData."""
    return tuple(dimension_of(kind, one) for one in written)


def coarser(value: Value, column: Dimension, above: Mapping[str, str]) -> str:
    """The value as it stands in the extract: a band, or what the value belongs to."""
    if not isinstance(value, str):
        low = int(value // column.width * column.width)
        if column.is_age and low >= OLDEST:
            return f"{OLDEST}+"
        return f"{low}-{low + column.width - 1}" if column.is_age else f"{low}..{low + column.width}"
    text = value.removeprefix("=") if value.startswith("=") else "" if value == UNKNOWN else value
    return above.get(text, "") if column.above and value.startswith("=") else text


def folded(rows: Sequence[Row], k: int) -> list[Row]:
    """With RARE in place of every value that fewer than k persons have, column by column."""
    many = [Counter(values[at] for _, values in rows) for at in range(len(rows[0][1]))] if rows else []
    return [
        (person, tuple(value if many[at][value] >= k else RARE for at, value in enumerate(values))) for person, values in rows
    ]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike the persons of an extract are. `small`: rows of combinations with fewer than k persons or l values."""

    k: int
    l: int  # noqa: E741 - it is called so
    persons: int
    small: int


def likeness(rows: Sequence[Row], sensitive: Collection[int], k: int, l: int) -> tuple[Likeness, list[Row]]:  # noqa: E741
    """What is reached, and the rows that are alike enough. Without sensitive columns l is the number of persons alike."""
    classes: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        classes[tuple(value for at, value in enumerate(row[1]) if at not in sensitive)].append(row)

    def diversity(members: Sequence[Row]) -> int:
        return min((len({values[at] for _, values in members}) for at in sensitive), default=len(members))

    good = [row for members in classes.values() if len(members) >= k and diversity(members) >= l for row in members]
    least_k = min(map(len, classes.values()), default=0)
    least_l = min(map(diversity, classes.values()), default=0)
    return Likeness(least_k, least_l, len(rows), len(rows) - len(good)), good


def pseudonym(key: bytes, person: str) -> str:
    """The person's id in the extracts of one recipient and series: the same each time, and another one in every other."""
    return hmac.new(key, person.encode(), hashlib.sha256).hexdigest()[:32]


def series_key(secret: bytes, tenant: str, recipient: str, series: str) -> bytes:
    """The key of a recipient's series. It follows from the installation's secret, which is in no database and no extract."""
    name = json.dumps(["extract", tenant, recipient, series], ensure_ascii=False)
    return hmac.new(secret, name.encode(), hashlib.sha256).digest()


def as_file(rows: Sequence[Row], names: Sequence[str], key: bytes | None, format: str) -> bytes:
    """The very file: CSV with BOM, or JSON. With a key each row begins with its pseudonym; the order of rows says nothing."""
    if key is None:
        lines = sorted(values for _, values in rows)
    else:
        names = (ID, *names)
        lines = sorted((pseudonym(key, person), *values) for person, values in rows)
    if format == "csv":
        return DataTable(tuple(names), tuple(lines)).csv()
    return json.dumps([dict(zip(names, line, strict=True)) for line in lines], ensure_ascii=False, indent=1).encode()
