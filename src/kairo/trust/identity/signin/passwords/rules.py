"""Which passwords are taken, and which one-time code is right at this moment? Pure: the time is passed in.

Length counts, not signs of every sort (NIST SP 800-63B). One-time codes: RFC 6238, thirty seconds, the step before and after too, for
clocks go wrong by some seconds; a step is used once.
"""

import base64
import re
import secrets
from datetime import datetime
from hmac import compare_digest
from unicodedata import normalize

import pyotp

from kairo.errors import BadRequestData

SHORTEST, LONGEST = 12, 256
STEP_SECONDS = 30
SKEW_STEPS = 1
RECOVERY_CODES = 10


def prepared(password: str) -> str:
    """A password as it is hashed: the same whichever keyboard wrote it."""
    return normalize("NFKC", password)


def check_password(password: str, *others: str) -> str:
    """The password, prepared. Raises BadRequestData for one that is too short, too long, or easily guessed; `others`: the sign-in name
    and the like, which it must not be made of."""
    found = prepared(password)
    plain = found.casefold()
    for other in others:
        plain = plain.replace(other.casefold(), "") if other else plain
    if not SHORTEST <= len(found) <= LONGEST or len(set(plain)) < 5:
        raise BadRequestData(
            f"use a password of {SHORTEST} to {LONGEST} characters that is not easily guessed",
            detail_ja=f"パスワードは{SHORTEST}文字以上で、推測されにくいものにしてください。",
            mend="Several words that do not belong together are good.",
            mend_ja="関係のない言葉をいくつか並べると、覚えやすく安全です。",
        )
    return found


def step_of(moment: datetime) -> int:
    """The number of the thirty seconds."""
    return int(moment.timestamp()) // STEP_SECONDS


def matching_step(secret: str, code: str, now: datetime, after: int) -> int | None:
    """The step of which this is the code, if it may be used now: not long ago, not far ahead, and after the last one that was."""
    said = re.sub(r"\s", "", normalize("NFKC", code))
    if not re.fullmatch(r"[0-9]{6}", said):
        return None
    codes, here = pyotp.HOTP(secret), step_of(now)
    steps = range(max(after + 1, here - SKEW_STEPS), here + SKEW_STEPS + 1)
    return next((step for step in steps if compare_digest(codes.at(step), said)), None)


def new_recovery_codes() -> list[str]:
    """Codes for when the device with the one-time codes is lost: 80 random bits each, written in fours."""
    return ["-".join(re.findall("....", _letters(10))) for _ in range(RECOVERY_CODES)]


def recovery_code(said: str) -> str:
    """A recovery code as it is kept, whichever way it was typed."""
    return re.sub(r"[^a-z2-7]", "", normalize("NFKC", said).lower())


def _letters(count: int) -> str:
    return base64.b32encode(secrets.token_bytes(count)).decode().lower()
