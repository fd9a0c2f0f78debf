"""Is this the code of a municipality, or a slip of the pen? An import into a tenant that nobody meant is hard to take back."""

import re

from kairo.capabilities.places.codes import is_code, is_five_digits, restore_code, with_check_digit
from kairo.errors import StartError
from kairo.platform.db import checked_tenant


def checked_code(tenant: str) -> str:
    """The tenant. Raises StartError for five or six digits that are no municipality code, BadRequestData for an odd name.

    Names that are not digits stand for regions, joint bodies and sandboxes.
    """
    if re.fullmatch(r"[0-9]+", tenant) and not is_code(tenant):
        meant = restore_code(tenant)
        code = meant.code if meant else with_check_digit(tenant[:5]) if is_five_digits(tenant[:5]) else ""
        raise StartError(
            f"{tenant} is no municipality code (全国地方公共団体コード): six digits, the last of which checks the others",
            mend=f"Did you mean {code}?" if code else "See docs/glossary.md, or take the code from the ministry's list.",
        )
    return checked_tenant(tenant)
