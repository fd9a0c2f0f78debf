"""Is docs/security.md true as far as a program can tell? Each test that it names exists, each line is there once, the sums are right."""

import ast
import re
from collections import Counter

from tests.house.house import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| (.+?) \| (.+?) \| (.+) \|$", re.MULTILINE)
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")
HOLDS, READ, NOT_APPLICABLE, MISSING = "holds", "holds, no test", "n. a.", "does not hold"
# How many lines of levels 1 and 2 each section has.
SECTIONS = {
    "1.1": 7, "1.2": 4, "1.4": 3, "1.5": 4, "1.6": 4, "1.7": 2, "1.8": 2, "1.9": 2, "1.10": 1, "1.11": 2, "1.12": 1, "1.14": 6,
    "2.1": 12, "2.2": 3, "2.3": 3, "2.4": 6, "2.5": 7, "2.6": 3, "2.7": 6, "2.8": 7, "2.9": 3, "2.10": 4,
    "3.1": 1, "3.2": 4, "3.3": 4, "3.4": 5, "3.5": 3, "3.7": 1, "4.1": 4, "4.2": 2, "4.3": 3,
    "5.1": 5, "5.2": 8, "5.3": 10, "5.4": 3, "5.5": 4, "6.1": 3, "6.2": 6, "6.3": 2, "6.4": 2, "7.1": 4, "7.2": 2, "7.3": 3, "7.4": 3,
    "8.1": 4, "8.2": 3, "8.3": 8, "9.1": 3, "9.2": 4, "10.2": 2, "10.3": 3, "11.1": 8,
    "12.1": 3, "12.2": 1, "12.3": 6, "12.4": 2, "12.5": 2, "12.6": 1, "13.1": 4, "13.2": 5, "13.3": 2, "13.4": 2,
    "14.1": 4, "14.2": 6, "14.3": 2, "14.4": 7, "14.5": 4,
}  # fmt: skip


def rows() -> list[tuple[str, str, str, str]]:
    return ROW.findall(PAGE)


def test_every_test_that_is_named_exists() -> None:
    named = {(file, test) for _, _, _, how in rows() for file, test in NAMED.findall(how)}
    assert len(named) > 60
    missing = []
    for file, test in sorted(named):
        path = ROOT / "tests" / file
        known = (
            {getattr(node, "name", "") for node in ast.parse(path.read_text(encoding="utf-8")).body} if path.exists() else set()
        )
        if test not in known:
            missing.append(f"{file}::{test}")
    assert not missing, "docs/security.md names tests that are not there (any more)"


def test_what_holds_names_its_test_and_what_does_not_says_why() -> None:
    for number, _, verdict, how in rows():
        assert verdict in {HOLDS, READ, NOT_APPLICABLE, MISSING}, number
        assert how.strip(), number
        if verdict == HOLDS:
            assert NAMED.search(how), f"{number} holds: by which test?"


def test_every_line_is_there_once() -> None:
    numbers = [number for number, *_ in rows()]
    assert len(numbers) == len(set(numbers))
    assert Counter(number.rpartition(".")[0] for number in numbers) == SECTIONS


def test_the_sums_are_right() -> None:
    counted = Counter(verdict for _, _, verdict, _ in rows())
    said = [int(found) for found in re.findall(r"^\| [^|]+ \| (\d+) \|$", PAGE, re.MULTILINE)]
    assert said == [counted[HOLDS], counted[READ], counted[NOT_APPLICABLE], counted[MISSING], sum(counted.values())]
