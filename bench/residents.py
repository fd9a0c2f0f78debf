"""Who are the residents, and to whom did they grant what? A personal type, ten grants of each: the same for a number wherever made."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

RESIDENT_TYPE: Final = "BenchResident"  # personal
GRANTS_EACH: Final = 10
FEW: Final = 20  # residents that granted something to TO_FEW
TO_MANY: Final = "application:bench-many"  # every resident granted it something
TO_FEW: Final = "application:bench-few"
OTHERS: Final = 1000  # applications that share the other grants
PURPOSE: Final = "application"
SINCE, UNTIL = datetime(2026, 4, 1, tzinfo=UTC), datetime(2100, 4, 1, tzinfo=UTC)
WITHHELD: Final = "careLevel"  # nobody was granted it
GRANTED: Final = ("name", "householdSize", "district", "language", "pulse")


def resident_id(number: int) -> str:
    """The id of a resident."""
    return f"urn:ngsi-ld:{RESIDENT_TYPE}:{number:06d}"


def resident(number: int) -> dict[str, Any]:
    """A resident of nobody's city, in normalized form."""
    return {
        "id": resident_id(number),
        "type": RESIDENT_TYPE,
        "name": {"type": "Property", "value": f"計測 第{number}号"},
        "householdSize": {"type": "Property", "value": number % 5 + 1},
        "district": {"type": "Relationship", "object": f"urn:ngsi-ld:District:{number % 21:02d}"},
        "language": {"type": "Property", "value": ("ja", "en", "zh", "vi")[number % 4]},
        "pulse": {"type": "Property", "value": 60 + number % 30, "observedAt": "2026-04-01T09:30:00Z"},
        WITHHELD: {"type": "Property", "value": number % 6},
    }


def shown(number: int) -> dict[str, Any]:
    """What those see of a resident whom something was granted."""
    return {name: value for name, value in resident(number).items() if name != WITHHELD}


def few(residents: int) -> list[int]:
    """The numbers of those who granted something to the application with few grants: far from each other."""
    return [place * residents // FEW for place in range(FEW)]


def grants(numbers: range, residents: int) -> Iterator[dict[str, str]]:
    """What differs among the grants of these residents of so many: id, principal, subject."""
    to_few = set(few(residents))
    for number in numbers:
        for place in range(GRANTS_EACH):
            principal = f"application:bench-other-{(number * GRANTS_EACH + place) % OTHERS:03d}"
            if place == 0:
                principal = TO_MANY
            elif place == 1 and number in to_few:
                principal = TO_FEW
            yield {"id": f"urn:ngsi-ld:BenchGrant:{number:06d}:{place}", "principal": principal, "subject": resident_id(number)}
