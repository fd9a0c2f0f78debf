"""When do two spellings count as the same to a reader? `fold` gives texts that mean the same one form; pure, no dictionary.

Folded away: width, case, accents, hiragana or katakana, small kana, kinds of dash (ー － ‐ − are one), 異体字 (variants.yaml), 々,
the ヶ of place names (関ケ原, 関ヶ原, 関が原) and of counters (3ヶ月, 3か月, 三箇所), commas within numbers, punctuation, and blanks
except between Latin words. Laws (tests/capabilities/search/test_normalise.py): folding twice changes nothing; texts of equal
NFKC fold alike; what is folded from a part of a text stands in what is folded from the whole. For the last one, 々 at the
beginning and ケ beside a kanji at either end, whose meaning depends on what was cut off, are dropped.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import yaml

VERSION = "1"  # raise it when folding changes: rebuilding then writes every row anew
_DASHES = "-‐‑‒–—―−ー⁃─━﹘"
_APOSTROPHES = "'’‘`´ʼ"
_SMALL = dict(zip("ぁぃぅぇぉっゃゅょゎゐゑゕ", "あいうえおつやゆよわいえか", strict=True))
_NUMBERS = frozenset("0123456789〇一二三四五六七八九十百千万数何幾")
_COUNTED = frozenset("月所国年条町村店校")
_VOICING = "\u3099\u309a"
_JOINING = frozenset("\uff9e\uff9f")  # half-width voicing marks; every combining mark joins too
_DROPPED_MARKS = ((0x300, 0x36F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE00, 0xFE2F), (0xE0100, 0xE01EF))


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text, and for each of its characters where in the original it comes from: `[begins[i], ends[i])`."""

    text: str
    begins: tuple[int, ...]
    ends: tuple[int, ...]


_Piece = tuple[str, int, int]  # one folded character and its place in the original


def fold(text: str) -> str:
    """The text as it is compared."""
    return "".join(piece[0] for piece in _fold(text))


def fold_aligned(text: str) -> Folded:
    """The same, with the place of each character in the original."""
    pieces = _fold(text)
    return Folded("".join(piece[0] for piece in pieces), tuple(p[1] for p in pieces), tuple(p[2] for p in pieces))


def _fold(text: str) -> list[_Piece]:
    return _ke(_repeated(_spaced(list(_pieces(text)))))


def _pieces(text: str) -> Iterator[_Piece]:
    """Every character by itself: each cluster (a character with its marks) is folded without looking at its neighbours."""
    begin, length = 0, len(text)
    while begin < length:
        end = begin + 1
        while end < length and _joins(text[end]):
            end += 1
        for character in _cluster(text[begin:end]):
            yield character, begin, end
        begin = end


@lru_cache(maxsize=20_000)
def _joins(character: str) -> bool:
    """Whether a character belongs to the one before it: a mark, or a Hangul vowel or final consonant."""
    return character in _JOINING or "\u1160" <= character <= "\u11ff" or unicodedata.category(character)[0] == "M"


@lru_cache(maxsize=20_000)
def _cluster(text: str) -> str:
    for _ in range(4):
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
        bare = "".join(c for c in unicodedata.normalize("NFD", folded) if not _is_dropped_mark(c))
        folded = unicodedata.normalize("NFKC", bare)
        if folded == text:
            break
        text = folded
    return "".join(_character(character) for character in text)


def _is_dropped_mark(character: str) -> bool:
    return any(low <= ord(character) <= high for low, high in _DROPPED_MARKS)


def _character(character: str) -> str:
    """One character after NFKC and case folding; a blank for what separates, nothing for what does not count."""
    if character in _DASHES:
        return "-"
    if character in ".,":
        return character  # between digits they belong to a number: `_spaced`
    if character in "ヶケ":
        return "ケ"  # what it stands for depends on its neighbours: `_ke`
    if "ァ" <= character <= "ヵ" or character in "ヽヾ":
        character = chr(ord(character) - 0x60)
    character = _SMALL.get(character, character)
    if character == "〻":
        return "々"
    if character in _APOSTROPHES or character in _VOICING:
        return ""
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    if category[0] in "PSZC":
        return " "
    return variants().get(character, character)


@cache
def variants() -> dict[str, str]:
    """異体字: each variant with the character that stands for it."""
    content = yaml.safe_load(Path(__file__).with_name("variants.yaml").read_text(encoding="utf-8"))
    return {
        variant: str(common) for group in content["groups"].values() for common, others in group.items() for variant in others
    }


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _spaced(pieces: list[_Piece]) -> list[_Piece]:
    """Blanks only between Latin words or numbers, one each; commas within numbers gone, other commas and points blanks."""
    kept: list[_Piece] = []
    blank: _Piece | None = None
    last = len(pieces) - 1
    for position, piece in enumerate(pieces):
        character = piece[0]
        if character in ".,":
            within = 0 < position < last and _is_digit(pieces[position - 1][0]) and _is_digit(pieces[position + 1][0])
            if within and character == ",":
                continue
            character = character if within else " "
        if character == " ":
            blank = (" ", piece[1], piece[2])
            continue
        if blank is not None and kept and _is_latin(kept[-1][0]) and _is_latin(character):
            kept.append(blank)
        blank = None
        kept.append(piece)
    return kept


def _is_digit(character: str) -> bool:
    return "0" <= character <= "9"


def _repeated(pieces: list[_Piece]) -> list[_Piece]:
    """々 and ゝ say the character before them once more, ゞ voiced; with nothing before them they say nothing."""
    kept: list[_Piece] = []
    for character, begin, end in pieces:
        if character in "々ゝ":
            if kept:
                kept.append((kept[-1][0], begin, end))
        elif character == "ゞ":
            if kept:
                kept.append((_voiced(kept[-1][0]), begin, end))
        else:
            kept.append((character, begin, end))
    return kept


def _voiced(character: str) -> str:
    together = unicodedata.normalize("NFC", ("け" if character == "ケ" else character) + "\u3099")
    return together if len(together) == 1 else character


def _is_kanji_or_digit(character: str) -> bool:
    return (
        "\u3400" <= character <= "\u9fff"
        or "\uf900" <= character <= "\ufaff"
        or character >= "\U00020000"
        or character == "〇"
        or _is_digit(character)
    )


def _ke(pieces: list[_Piece]) -> list[_Piece]:
    """ケ between kanji is が (関ケ原), か after a number and before what is counted (3ケ月, 3箇所); elsewhere it is け."""
    kept: list[_Piece] = []
    last = len(pieces) - 1
    for position, (character, begin, end) in enumerate(pieces):
        if character not in "ケ箇":
            kept.append((character, begin, end))
            continue
        before = pieces[position - 1][0] if position > 0 else ""
        after = pieces[position + 1][0] if position < last else ""
        read = _read_ke(character, before, after)
        if read:
            kept.append((read, begin, end))
    return kept


def _read_ke(character: str, before: str, after: str) -> str:
    if before in _NUMBERS and after in _COUNTED:
        return "か"
    if character == "箇":
        return "" if before in _NUMBERS and not after else "箇"
    beside = [bool(side) and _is_kanji_or_digit(side) for side in (before, after)]
    if all(beside):
        return "が"
    at_an_end = not (before and after)
    return "" if at_an_end and any(beside) else "け"


def grams(lines: Iterable[str]) -> set[str]:
    """The pairs of characters that stand side by side in folded lines, and the last character of each line by itself.

    So every character begins a gram, and texts with a given character are those with a gram that begins with it.
    """
    found: set[str] = set()
    for line in lines:
        found.update(line[position : position + 2] for position in range(len(line)))
    return found
