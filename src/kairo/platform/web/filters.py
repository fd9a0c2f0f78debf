"""How are numbers, times and dates written for people? Pure functions; the templates have them as filters."""

from datetime import date, datetime

from kairo.platform.clock import TOKYO
from kairo.platform.i18n import Language

_ERAS = ((date(2019, 5, 1), "令和", "Reiwa"), (date(1989, 1, 8), "平成", "Heisei"), (date(1926, 12, 25), "昭和", "Shōwa"),
         (date(1912, 7, 30), "大正", "Taishō"), (date(1868, 10, 23), "明治", "Meiji"))  # fmt: skip
_WEEKDAYS_JA = "月火水木金土日"
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
              "December")  # fmt: skip
NOTHING = "－"


def number(value: float | int | None, digits: int | None = None) -> str:
    """`12345.5` → `12,345.5`; nothing known is a dash, not a zero. `digits` fixes the decimal places."""
    if value is None:
        return NOTHING
    if digits is not None:
        text = f"{value:,.{digits}f}"
    elif isinstance(value, int) or float(value).is_integer():
        text = f"{int(value):,}"
    else:
        text = f"{value:,.6f}".rstrip("0").rstrip(".")
    if text.startswith("-") and not text.strip("-0.,"):
        text = text[1:]
    return text.replace("-", "−")


def with_unit(value: float | int | None, unit: str, digits: int | None = None) -> str:
    """A number and its unit: `1,234人`, `45.2%`, `320 kW` (a space before letters of the Latin alphabet)."""
    text = number(value, digits)
    if value is None or not unit:
        return text
    return f"{text} {unit}" if unit[0].isascii() and unit[0].isalpha() else f"{text}{unit}"


def tokyo(moment: datetime) -> datetime:
    """The same moment on Japan's clocks. Raises ValueError for a time without zone."""
    if moment.tzinfo is None:
        raise ValueError("a time without zone: pass an aware datetime")
    return moment.astimezone(TOKYO)


def _day_of(moment: datetime | date) -> date:
    return tokyo(moment).date() if isinstance(moment, datetime) else moment


def day(moment: datetime | date, language: Language = "ja", *, weekday: bool = True) -> str:
    """`2026年11月22日（日）`; in English `Sun 22 November 2026`."""
    on = _day_of(moment)
    if language == "en":
        return (f"{_WEEKDAYS_EN[on.weekday()]} " if weekday else "") + f"{on.day} {_MONTHS_EN[on.month - 1]} {on.year}"
    return f"{on.year}年{on.month}月{on.day}日" + (f"（{_WEEKDAYS_JA[on.weekday()]}）" if weekday else "")


def clock_time(moment: datetime, language: Language = "ja") -> str:
    """`9:05` on Japan's clocks; やさしい日本語 says 午前/午後, since not everyone reads 24 hours."""
    local = tokyo(moment)
    if language == "ja-x-easy":
        return f"{'午前' if local.hour < 12 else '午後'} {local.hour % 12}時{local.minute:02}分"
    return f"{local.hour}:{local.minute:02}"


def day_and_time(moment: datetime, language: Language = "ja") -> str:
    """Day and time of day, as one reads them."""
    joint = ", " if language == "en" else " "
    return f"{day(moment, language)}{joint}{clock_time(moment, language)}"


def wareki(moment: datetime | date, language: Language = "ja") -> str:
    """The date by the Japanese calendar: `令和8年11月22日`, `令和元年5月1日`. Before Meiji the plain year is written."""
    on = _day_of(moment)
    for begin, japanese, english in _ERAS:
        if on >= begin:
            year = on.year - begin.year + 1
            if language == "en":
                return f"{on.day} {_MONTHS_EN[on.month - 1]} {english} {year}"
            return f"{japanese}{'元' if year == 1 else year}年{on.month}月{on.day}日"
    return day(on, language, weekday=False)


def machine_time(moment: datetime | date) -> str:
    """What stands in `<time datetime>`: with Japan's offset, so that the day is the one that is shown."""
    return tokyo(moment).isoformat(timespec="minutes") if isinstance(moment, datetime) else moment.isoformat()
