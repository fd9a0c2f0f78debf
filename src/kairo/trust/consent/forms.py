"""What did somebody choose in a form? Categories and a last day, read from what a browser sent; and the choices that are offered.

What is read here is not believed: the rules look at it again (rules.check_terms).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from kairo.errors import BadRequestData
from kairo.platform.clock import TOKYO
from kairo.platform.manifests import Purpose
from kairo.trust.consent import rules
from kairo.trust.consent.rules import Terms

OTHER: Final = "other"  # a day of one's own, typed in three boxes
_SPANS: Final = (7, 30, 90, 180, 365)  # days
_MOST_CATEGORIES: Final = 100


@dataclass(frozen=True, slots=True)
class Choices:
    """What a form offers: the words and their digest, categories and those that are ticked, last days (so many days from today),
    and what was chosen or typed before. `kept`: the last day that stands, where it is none of those."""

    text: Purpose
    digest: str
    offered: tuple[str, ...]
    ticked: tuple[str, ...]
    days: tuple[tuple[int, date], ...]
    latest: date
    kept: date | None
    chosen: str
    typed: tuple[str, str, str] = ("", "", "")


def choices(
    text: Purpose, digest: str, now: datetime, *, within: Terms | None = None, present: Terms | None = None, form: Any = None
) -> Choices:
    """What a form offers today: all of a text or what lies `within`; `present` is agreed to and stays unless it is changed."""
    latest = rules.end_day(min(within.until, rules.latest_end(text, now)) if within else rules.latest_end(text, now))
    today = now.astimezone(TOKYO).date()
    most = (latest - today).days
    days = tuple((span, today + timedelta(days=span)) for span in (*(one for one in _SPANS if one < most), most))
    offered = tuple(one.id for one in text.categories if within is None or one.id in within.categories)
    kept = present.last_day if present and present.last_day <= latest else None
    if form is None:
        return Choices(text, digest, offered, present.categories if present else (), days, latest, kept, str(kept or ""))
    typed = (str(form.get("end_year", ""))[:4], str(form.get("end_month", ""))[:2], str(form.get("end_day", ""))[:2])
    ticked = tuple(map(str, form.getall("category", [])))
    return Choices(text, digest, offered, ticked, days, latest, kept, str(form.get("until", "")), typed)


def read_terms(form: Any, text: Purpose) -> Terms:
    """What was chosen, with the digest of the words that were shown. Raises BadRequestData for a day that is none."""
    categories = [str(one)[:80] for one in form.getall("category", [])[:_MOST_CATEGORIES]]
    until = str(form.get("until", ""))
    if until == OTHER:
        until = "-".join(
            f"{_digits(form, name):0>{size}}" for name, size in (("end_year", 4), ("end_month", 2), ("end_day", 2))
        )
    return Terms(str(form.get("text", ""))[:64], rules.ordered(categories, text), rules.end_of(_day(until)))


def _digits(form: Any, name: str) -> str:
    return str(form.get(name, "")).strip()


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.max
    if not date(1900, 1, 1) <= found < date(9000, 1, 1):
        raise BadRequestData("choose the last day", detail_ja="いつまでにするかを選んでください。")
    return found
