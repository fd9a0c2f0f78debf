"""Under which name does one instance of an attribute go? A URI that says when it was entered (CIM 009 4.5.7, `instanceId`).

It is made of what the asker may see anyway: change numbers would tell how much else happened in the tenant.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b

from kairo.context.model.names import NONE
from kairo.platform.clock import iso

_ID = re.compile(
    r"urn:ngsi-ld:Instance:([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{6})?Z):([0-9]{1,9})(?::([0-9a-f]{8}))?"
)


@dataclass(frozen=True, slots=True)
class InstanceKey:
    """Which row of an attribute an id means: entered at this moment, with this number, of the dataset with this digest."""

    at: datetime
    number: int
    digest: str

    def is_of(self, dataset: str) -> bool:
        """Whether the instance is of this dataset."""
        return self.digest == _digest(dataset)


def instance_id(at: datetime, number: int, dataset: str) -> str:
    """The id of an instance among those of its attribute."""
    digest = _digest(dataset)
    return f"urn:ngsi-ld:Instance:{iso(at)}:{number}{':' if digest else ''}{digest}"


def read_instance_id(text: str) -> InstanceKey | None:
    """The reverse; None for a URI that is no id of ours."""
    match = _ID.fullmatch(text)
    if match is None:
        return None
    try:
        at = datetime.fromisoformat(match[1]).astimezone(UTC)
    except ValueError:
        return None
    return InstanceKey(at, int(match[2]), match[3] or "")


def _digest(dataset: str) -> str:
    return "" if dataset == NONE else blake2b(dataset.encode(), digest_size=4).hexdigest()
