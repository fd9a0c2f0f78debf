"""Where in the text of a query is the mistake, and what would be right? The cursor all query parsers share.

A `Reader` walks over one parameter (`q`, `type`, `scopeQ`, …). What it cannot read becomes one BadRequestData that names the
parameter, the character and an example of the right form, in English and Japanese.
"""

import json
import re
import unicodedata
from typing import Final

from kairo.errors import BadRequestData, TooComplexQuery

MAX_CHARACTERS: Final = 65_536
MAX_DEPTH: Final = 32  # parentheses in parentheses; far below Python's recursion limit

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SHOWN_CHARACTERS = 24


class Reader:
    """A position in the text of one query parameter."""

    def __init__(self, parameter: str, text: str, example: str) -> None:
        self.parameter = parameter
        self.text = text
        self.example = example
        self.position = 0
        self.depth = 0
        if len(text) > MAX_CHARACTERS:
            raise TooComplexQuery(
                f"{parameter} has {len(text)} characters; at most {MAX_CHARACTERS} are read",
                detail_ja=f"{parameter} が長すぎます（{len(text)} 文字。上限は {MAX_CHARACTERS} 文字）",
            )
        self.check_storable(text, 0)
        self.skip_space()
        if self.at_end:
            raise self.fault("is empty", "空です")

    @property
    def at_end(self) -> bool:
        return self.position >= len(self.text)

    def skip_space(self) -> None:
        """Space between tokens means nothing: the specification's own examples have it after commas."""
        while not self.at_end and self.text[self.position] in " \t\r\n":
            self.position += 1

    def peek(self, token: str) -> bool:
        return self.text.startswith(token, self.position)

    def take(self, token: str) -> bool:
        """Whether `token` stands here; if so, it and the space after it are read."""
        if not self.peek(token):
            return False
        self.position += len(token)
        self.skip_space()
        return True

    def expect(self, token: str) -> None:
        if not self.take(token):
            raise self.fault(f'needs "{token}" here', f"ここに「{token}」が必要です")

    def expect_end(self) -> None:
        if not self.at_end:
            raise self.fault("cannot be read from here on", "ここから先を読み取れません")

    def match(self, expression: re.Pattern[str]) -> str | None:
        """What `expression` matches at this position; it is read, space after it too."""
        found = expression.match(self.text, self.position)
        if found is None or not found.group():
            return None
        self.position = found.end()
        self.skip_space()
        return found.group()

    def name(self) -> str | None:
        """A name (CIM 009 4.6.2), with a prefix or not: letters first, then letters, numbers, `_` and, leniently, `-`.

        Marks count as parts of letters, because a が may be stored as か and a mark.
        """
        end = _name_end(self.text, self.position)
        if end == self.position:
            return None
        if self.text[end : end + 1] == ":":
            second = _name_end(self.text, end + 1)
            end = second if second > end + 1 else end
        found = self.text[self.position : end]
        self.position = end
        self.skip_space()
        return found

    def quoted(self) -> str | None:
        """A JSON string in double quotes, decoded; any character may stand in it."""
        start = self.position
        if not self.peek('"'):
            return None
        found = _QUOTED.match(self.text, start)
        if found is None:
            raise self.fault('has a text whose closing " is missing', '文字列を閉じる「"」がありません')
        try:
            text = str(json.loads(found.group(), strict=False))
        except ValueError as error:
            raise self.fault(
                'has an escape in a text that JSON does not know; write \\\\ for one backslash and \\" for a quote',
                '文字列に JSON にないエスケープがあります（\\ は \\\\、" は \\" と書きます）',
            ) from error
        self.check_storable(text, start)
        self.position = found.end()
        self.skip_space()
        return text

    def raw_quoted(self) -> str | None:
        """The text between double quotes as it was written, undecoded: regular expressions have their own backslashes."""
        found = _QUOTED.match(self.text, self.position)
        if found is None:
            return None
        self.position = found.end()
        self.skip_space()
        return found.group()[1:-1]

    def descend(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise TooComplexQuery(
                f"{self.parameter} has more than {MAX_DEPTH} parentheses in one another",
                detail_ja=f"{self.parameter} の括弧の入れ子が {MAX_DEPTH} 段を超えています",
            )

    def ascend(self) -> None:
        self.depth -= 1

    def check_storable(self, text: str, at: int) -> None:
        """U+0000 and halves of surrogate pairs are in no stored text, and PostgreSQL would refuse the statement."""
        if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text):
            raise self.fault(
                "holds a character that no stored text can hold (U+0000 or half a surrogate pair)",
                "保存できない文字（U+0000 または不完全なサロゲート）が含まれています",
                at=at,
            )

    def fault(self, english: str, japanese: str, *, at: int | None = None, example: str | None = None) -> BadRequestData:
        """The error to raise: what is wrong, at which character (counted from 1), and how it is written rightly."""
        place = self.position if at is None else at
        right = example or self.example
        rest = self.text[place : place + _SHOWN_CHARACTERS]
        rest = "".join(c if c.isprintable() else "\ufffd" for c in rest)
        before = f' before "{rest}"' if rest else " (its end)"
        before_ja = f"「{rest}」の前" if rest else "末尾"
        return BadRequestData(
            f"{self.parameter}, character {place + 1}{before}: {english}. Right form: {right}",
            detail_ja=f"{self.parameter} の {place + 1} 文字目（{before_ja}）：{japanese}。正しい例：{right}",
            parameter=self.parameter,
            position=place + 1,
        )


def _name_end(text: str, start: int) -> int:
    """Where the name that begins at `start` ends; `start` itself if none begins there."""
    if start >= len(text) or not (text[start].isalpha() or text[start] == "_"):
        return start
    end = start + 1
    while end < len(text) and (text[end] in "_-" or unicodedata.category(text[end])[0] in "LNM"):
        end += 1
    return end
