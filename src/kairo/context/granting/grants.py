"""What is a grant? Who may read what of whom, for which purpose, on which basis, and until when."""

from dataclasses import dataclass
from datetime import datetime

from kairo.errors import BadRequestData


@dataclass(frozen=True, slots=True)
class Grant:
    """What a principal may read for a purpose, from `since` until before `until` (whole seconds count). Of one person
    (`subject`), of all entities of an area (`area`: a scope, and those below it; an empty one: the whole tenant), or where the person who asks, or is acted for,
    stands to the entity in a role (`relation`): exactly one of the three. `attributes`: None for all of these types."""

    id: str
    principal: str
    purpose: str
    types: tuple[str, ...]
    basis: str
    since: datetime
    until: datetime
    attributes: tuple[str, ...] | None = None
    subject: str | None = None
    area: str | None = None
    relation: str | None = None

    def __post_init__(self) -> None:
        """Raises BadRequestData for a grant that says nothing, or whose end comes before it begins."""
        if [self.subject, self.area, self.relation].count(None) != 2:
            raise BadRequestData(
                "a grant is of one person, of an area, or of a role: exactly one of the three",
                detail_ja="許可の対象は、本人・区域・関係のいずれか一つです。",
            )
        if not self.types or self.attributes == ():
            raise BadRequestData(
                "a grant names at least one type, and at least one attribute where it names any",
                detail_ja="許可には型を一つ以上、属性を挙げる場合は一つ以上指定してください。",
            )
        if self.since >= self.until:
            raise BadRequestData("a grant ends after it begins", detail_ja="許可の終わりは始まりより後にしてください。")
