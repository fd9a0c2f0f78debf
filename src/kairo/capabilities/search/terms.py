"""What is looked for when somebody types this? Folded words, all of which must be there, and looser ones if nothing is found."""

import re
from dataclasses import dataclass

from kairo.capabilities.search.normalise import fold

LONGEST = 200  # characters of a query that are looked at
MOST_TERMS = 8
_MOST_GRAMS = 12
_RUNS = re.compile(r"[㐀-鿿豈-﫿〇々ヶ𠀀-𳎯]+|[ァ-ヿｦ-ﾟー]+|[ぁ-ゟー]+|[0-9０-９]+|[A-Za-zＡ-Ｚａ-ｚÀ-ɏ]+")
_HIRAGANA = re.compile(r"[ぁ-ゟー]+")


@dataclass(frozen=True, slots=True)
class Terms:
    """A query: `whole` is what titles are compared with, `words` must all be found."""

    whole: str = ""
    words: tuple[str, ...] = ()

    @staticmethod
    def of(text: str) -> "Terms":
        """Reads what was typed. Words are apart by any blank; a long vowel mark at the end of a word does not count."""
        text = text[:LONGEST]
        words = dict.fromkeys(word for part in text.split() if (word := _without_last_dash(fold(part))))
        return Terms(fold(text), tuple(words)[:MOST_TERMS])

    @property
    def patterns(self) -> list[str]:
        """The words as LIKE patterns."""
        return [f"%{escaped(word)}%" for word in self.words]


def loosened(text: str, strict: Terms) -> Terms:
    """The same query for a second try in which any word is enough: words are also cut where the script changes, and
    particles (short pieces in hiragana) left out. Without words if that says nothing new."""
    found: dict[str, None] = {}
    for part in text[:LONGEST].split():
        runs = [run for run in _RUNS.findall(part) if len(run) > 1 and not (_HIRAGANA.fullmatch(run) and len(run) < 3)]
        for run in runs if len(runs) > 1 else [part]:
            if word := _without_last_dash(fold(run)):
                found[word] = None
    words = tuple(found)[:MOST_TERMS]
    return Terms(strict.whole, words if len(words) > 1 or words != strict.words else ())


def _without_last_dash(word: str) -> str:
    """「センター」 also finds 「センタ」."""
    return word[:-1] if len(word) > 1 and word.endswith("-") else word


def escaped(text: str) -> str:
    """The text as LIKE takes it literally."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def after(text: str) -> str:
    """The least text above all that begin with `text`, in the order of code points (which is that of the C collation)."""
    code = ord(text[-1]) + 1
    return text[:-1] + chr(0xE000 if code == 0xD800 else code)


def grams_of(word: str) -> list[str]:
    """The pairs of a word; a word of one character is one gram, which stands for all that begin with it."""
    if len(word) == 1:
        return [word]
    pairs = list(dict.fromkeys(word[position : position + 2] for position in range(len(word) - 1)))
    step = max(1, len(pairs) // _MOST_GRAMS)
    return pairs[::step][:_MOST_GRAMS]
