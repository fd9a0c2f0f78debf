r"""How is a POSIX regular expression read into a tree?

Extended regular expressions of IEEE 1003.2, and what people write out of habit: `\d \w \s`, `(?:…)`, a leading `(?i)`,
a `?` behind a quantifier (it changes no yes or no).
"""

from typing import Final

from kairo.context.query.pattern_nodes import ANY, Anchor, Branches, Characters, Node, Ranges, Repeat, Sequence

_MAX_COUNT: Final = 255  # PostgreSQL's own limit for {m,n}
_MAX_DEPTH: Final = 40

_DIGITS = ((0x30, 0x39),)
_UPPER = ((0x41, 0x5A),)
_LOWER = ((0x61, 0x7A),)
_SPACE = ((0x09, 0x0D), (0x20, 0x20))
_WORD = (*_DIGITS, *_UPPER, (0x5F, 0x5F), *_LOWER)
_PUNCTUATION = ((0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E))
_ESCAPED_CLASSES = {"d": _DIGITS, "w": _WORD, "s": _SPACE}
_ESCAPED_CHARACTERS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v"}
_NAMED_CLASSES = {
    "alpha": (*_UPPER, *_LOWER),
    "digit": _DIGITS,
    "alnum": (*_DIGITS, *_UPPER, *_LOWER),
    "upper": _UPPER,
    "lower": _LOWER,
    "space": _SPACE,
    "blank": ((0x09, 0x09), (0x20, 0x20)),
    "punct": _PUNCTUATION,
    "print": ((0x20, 0x7E),),
    "graph": ((0x21, 0x7E),),
    "cntrl": ((0x01, 0x1F), (0x7F, 0x7F)),
    "xdigit": (*_DIGITS, (0x41, 0x46), (0x61, 0x66)),
}


class PatternError(ValueError):
    """What is wrong with an expression, in two languages, and at which of its characters."""

    def __init__(self, english: str, japanese: str, position: int) -> None:
        super().__init__(english)
        self.english = english
        self.japanese = japanese
        self.position = position


def parse_pattern(source: str) -> Node:
    """Raises PatternError for what is not a regular expression or not offered."""
    parser = _Parser(source)
    node = parser.branches()
    if parser.position < len(source):
        raise parser.fault('has a ")" without "("', "対応する「(」のない「)」があります")
    return node


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.any_case = source.startswith("(?i)")
        self.position = 4 if self.any_case else 0
        self.depth = 0

    def fault(self, english: str, japanese: str) -> PatternError:
        return PatternError(english, japanese, self.position)

    def take(self, token: str) -> bool:
        if not self.source.startswith(token, self.position):
            return False
        self.position += len(token)
        return True

    def branches(self) -> Node:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise self.fault("has too many parentheses in one another", "括弧の入れ子が深すぎます")
        parts = [self.sequence()]
        while self.take("|"):
            parts.append(self.sequence())
        self.depth -= 1
        return parts[0] if len(parts) == 1 else Branches(tuple(parts))

    def sequence(self) -> Node:
        parts: list[Node] = []
        while self.position < len(self.source) and self.source[self.position] not in "|)":
            parts.append(self.repeated(self.atom()))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def atom(self) -> Node:
        if self.take("("):
            if not self.take("?:") and self.source.startswith("?", self.position):
                raise self.fault("uses (?…), which is not offered but for (?: and a leading (?i)", "「(?」は使えません")
            node = self.branches()
            if not self.take(")"):
                raise self.fault('has a "(" without ")"', "「(」が閉じていません")
            return node
        character = self.source[self.position]
        if character in "*+?{":
            raise self.fault(
                f'has a "{character}" with nothing to repeat; write \\{character} for the sign', "繰返しの対象がありません"
            )
        self.position += 1
        if character == "[":
            return self.bracket()
        if character == "\\":
            ranges, negated = self.escape()
            return Characters.of(self.cased(ranges), negated)
        if character in "^$":
            return Anchor(character)
        return ANY if character == "." else Characters.of(self.cased(((ord(character), ord(character)),)))

    def repeated(self, node: Node) -> Node:
        start = self.position
        if self.take("*"):
            repeat = Repeat(node, 0, None)
        elif self.take("+"):
            repeat = Repeat(node, 1, None)
        elif self.take("?"):
            repeat = Repeat(node, 0, 1)
        elif self.take("{"):
            repeat = self.counted(node)
        else:
            return node
        self.take("?")  # "as few as possible" changes where a match ends, not whether there is one
        if isinstance(node, Anchor) or (self.position < len(self.source) and self.source[self.position] in "*+?{"):
            self.position = start if isinstance(node, Anchor) else self.position
            raise self.fault("repeats what cannot be repeated", "繰り返せないものを繰り返しています")
        return repeat

    def counted(self, node: Node) -> Repeat:
        end = self.source.find("}", self.position)
        least, comma, most = self.source[self.position : max(end, self.position)].partition(",")
        if end < 0 or not _is_count(least) or (most and not _is_count(most)):
            raise self.fault("has a { that is no {m}, {m,} or {m,n}; write \\{ for the sign", "「{」の書き方が正しくありません")
        low = int(least)
        high = (int(most) if most else None) if comma else low
        if low > _MAX_COUNT or (high is not None and not low <= high <= _MAX_COUNT):
            raise self.fault(f"has a count that is not in 0..{_MAX_COUNT} or not in order", "繰返し回数が正しくありません")
        self.position = end + 1
        return Repeat(node, low, high)

    def escape(self) -> tuple[Ranges, bool]:
        """What stands behind a backslash: a class, a control character, or a sign that stands for itself."""
        if self.position >= len(self.source):
            raise self.fault("ends with a backslash", "「\\」で終わっています")
        character = self.source[self.position]
        self.position += 1
        if character.lower() in _ESCAPED_CLASSES:
            return _ESCAPED_CLASSES[character.lower()], character.isupper()
        if character in _ESCAPED_CHARACTERS:
            code = ord(_ESCAPED_CHARACTERS[character])
        elif character == "u":
            digits = self.source[self.position : self.position + 4]
            if len(digits) < 4 or any(digit not in "0123456789abcdefABCDEF" for digit in digits) or int(digits, 16) == 0:
                raise self.fault("has a \\u without four hexadecimal digits", "「\\u」の後に4桁の16進数が必要です")
            code = int(digits, 16)
            self.position += 4
        elif character.isalnum():
            self.position -= 1
            raise self.fault(f"uses \\{character}, which is not offered", f"「\\{character}」は使えません")
        else:
            code = ord(character)
        return ((code, code),), False

    def bracket(self) -> Node:
        negated = self.take("^")
        ranges: list[tuple[int, int]] = []
        first = True
        while first or not self.source.startswith("]", self.position):
            first = False
            low = self.bracket_item(ranges)
            if low is None:
                continue
            if self.source.startswith("-", self.position) and not self.source.startswith("-]", self.position):
                self.position += 1
                high = self.bracket_item(ranges)
                if high is None or high < low:
                    raise self.fault("has a range in [ ] that is not in order", "[ ] 内の範囲が正しくありません")
                ranges.append((low, high))
            else:
                ranges.append((low, low))
        self.position += 1
        return Characters.of(self.cased(tuple(ranges)), negated)

    def bracket_item(self, ranges: list[tuple[int, int]]) -> int | None:
        """One character of a bracket expression, or None if a class was added to `ranges`."""
        if self.position >= len(self.source):
            raise self.fault('has a "[" without "]"', "「[」が閉じていません")
        if self.take("[:"):
            end = self.source.find(":]", self.position)
            name = self.source[self.position : max(end, self.position)]
            if name not in _NAMED_CLASSES:
                raise self.fault("names a class in [: :] that there is not", "[: :] のクラス名が正しくありません")
            ranges.extend(_NAMED_CLASSES[name])
            self.position = end + 2
            return None
        if self.take("[.") or self.take("[="):
            raise self.fault("uses [. .] or [= =], which are not offered", "[. .] と [= =] は使えません")
        character = self.source[self.position]
        self.position += 1
        if character != "\\":
            return ord(character)
        escaped, inverse = self.escape()
        if not inverse and len(escaped) == 1 and escaped[0][0] == escaped[0][1]:
            return escaped[0][0]
        ranges.extend(Characters.of(escaped, inverse).ranges)
        return None

    def cased(self, ranges: Ranges) -> Ranges:
        """With (?i), the other case of every letter too; of long ranges only of their ASCII letters."""
        if not self.any_case:
            return ranges
        more: list[tuple[int, int]] = list(ranges)
        for low, high in ranges:
            for code in range(low, min(high, max(low + 512, 0x7F)) + 1):
                character = chr(code)
                more.extend((ord(other), ord(other)) for other in (character.lower(), character.upper()) if len(other) == 1)
        return tuple(more)


def _is_count(digits: str) -> bool:
    return digits.isascii() and digits.isdigit() and len(digits) <= 3
