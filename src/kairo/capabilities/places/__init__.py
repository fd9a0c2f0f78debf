"""Where is this place, and what is it called officially? Municipality codes and names, boundaries, the texts of addresses."""

from kairo.capabilities.places.addresses import normalized_address
from kairo.capabilities.places.codes import Restored, check_digit, is_code, is_five_digits, restore_code, with_check_digit
from kairo.capabilities.places.geography import Boundaries, boundary_id, distance_m, in_japan
from kairo.capabilities.places.manifest import MANIFEST
from kairo.capabilities.places.municipalities import Municipality, by_code, by_name, same_place

__all__ = [
    "MANIFEST",
    "Boundaries",
    "Municipality",
    "Restored",
    "boundary_id",
    "by_code",
    "by_name",
    "check_digit",
    "distance_m",
    "in_japan",
    "is_code",
    "is_five_digits",
    "normalized_address",
    "restore_code",
    "same_place",
    "with_check_digit",
]
