"""Can the colours be told from their ground? The contrasts of WCAG 2.2, from the stylesheet itself."""

import re

import pytest

from kairo.platform.web.static import FOLDER

SHEET = (FOLDER / "css" / "1-tokens.css").read_text(encoding="utf-8")
TOKENS = dict(re.findall(r"--([\w-]+): (?:var\([\w-]+, )?(#[0-9a-f]{6})", SHEET))


def contrast(one: str, two: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    bright, dark = sorted((light(one), light(two)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("ground", ["paper", "paper-warm", "lapis-mist"])
@pytest.mark.parametrize("ink", ["ink", "ink-soft", "ink-faint", "lapis", "lapis-deep", "lapis-bright", "visited", "danger"])
def test_text_is_readable(ink: str, ground: str) -> None:
    assert contrast(TOKENS[ink], TOKENS[ground]) >= 4.5


@pytest.mark.parametrize(("ink", "ground"), [("success", "success-pale"), ("success", "paper"), ("warning", "warning-pale")])
def test_notices_are_readable(ink: str, ground: str) -> None:
    assert contrast(TOKENS[ink], TOKENS[ground]) >= 4.5


@pytest.mark.parametrize("ground", ["lapis", "lapis-deep", "danger"])
def test_white_on_buttons_is_readable(ground: str) -> None:
    assert contrast("#ffffff", TOKENS[ground]) >= 4.5


@pytest.mark.parametrize("ground", ["paper", "paper-warm", "map-land", "map-sea"])
@pytest.mark.parametrize("style", range(7))
def test_marks_stand_out(style: int, ground: str) -> None:
    assert contrast(TOKENS[f"chart-{style}"], TOKENS[ground]) >= 3


def test_fallbacks_are_the_tokens_of_the_digital_agency() -> None:
    vendor = FOLDER / "vendor" / "tokens.css"
    if not vendor.exists():
        pytest.skip("the parts of others are not built: python -m kairo.platform.web.assets")
    official = dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6});", vendor.read_text(encoding="utf-8")))
    for name, colour in re.findall(r"var\((--color-[\w-]+), (#[0-9a-f]{6})\)", SHEET):
        assert official[name] == colour, name
