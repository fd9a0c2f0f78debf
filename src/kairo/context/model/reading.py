"""Under which rules is this payload read? Its terms, where NGSI-LD Nulls may stand (5.5.4), whether values may be missing."""

from collections.abc import Callable
from typing import Any

from kairo.context.model.faults import Fault
from kairo.context.model.names import NONE, NULL

NOWHERE, MEMBERS, DEEP = 0, 1, 2  # where NGSI-LD Nulls may stand: nowhere; as members (5.5.8); within values too (5.5.12)


class Reading:
    """What holds for one payload while it is read: its terms, where nulls may stand, whether values may be missing."""

    __slots__ = ("expand", "is_partial", "known", "nulls", "types")

    def __init__(
        self,
        expand: Callable[[str], str],
        nulls: int = NOWHERE,
        is_partial: bool = False,
        known: dict[str, str] | None = None,
        types: dict[str, tuple[str, ...]] | None = None,
    ) -> None:
        self.expand = expand
        self.nulls = nulls
        self.is_partial = is_partial
        # What stood in payloads of this @context before, and was found right: attributes and single types, by term.
        self.known = {} if known is None else known
        self.types = {} if types is None else types

    def whole(self) -> "Reading":
        """The same within a part that a merge replaces as a whole (RFC 7396: arrays): a null there would be kept."""
        return Reading(self.expand, MEMBERS, self.is_partial, self.known, self.types) if self.nulls == DEEP else self


def no_null() -> Fault:
    """The NGSI-LD Null stands where it may not (5.5.4)."""
    return Fault(
        "a value: urn:ngsi-ld:null stands only in fragments of update and merge (5.5.4)",
        "値（urn:ngsi-ld:null は更新・マージの断片でのみ使えます）",
        NULL,
    )


def is_null(member: str, value: Any) -> bool:
    """Whether the value of an attribute is the NGSI-LD Null in the form of its kind (4.5.0)."""
    if type(value) is str:
        return value == NULL
    if member == "languageMap":
        return bool(value == {NONE: NULL})
    return (member == "valueList" or member == "objectList") and value in ([NULL], [{"object": NULL}])
