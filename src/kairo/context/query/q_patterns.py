"""Which regular expression stands behind `~=`: in quotes, or plain up to where the term ends?"""

import json

from kairo.context.query.pattern import Pattern, PatternError
from kairo.context.query.reading import Reader


def read_pattern(reader: Reader) -> Pattern:
    """The pattern at the reader's position."""
    start = reader.position
    inner = reader.raw_quoted()
    source = _unquoted(reader) if inner is None else _unescaped(inner)
    reader.check_storable(source, start)
    try:
        return Pattern.read(source)
    except PatternError as error:
        at = min(start + (inner is not None) + error.position, len(reader.text))
        raise reader.fault(
            f"the regular expression {error.english}", f"正規表現：{error.japanese}", at=at, example='name~="^山口.*小学校$"'
        ) from error


def _unquoted(reader: Reader) -> str:
    """A pattern without quotes ends at ; | or ) unless that stands in its own parentheses or brackets."""
    start, depth, in_brackets = reader.position, 0, False
    while not reader.at_end:
        character = reader.text[reader.position]
        if not in_brackets and depth == 0 and character in ";|)":
            break
        if character == "\\":
            reader.position += 1
        elif in_brackets:
            in_brackets = character != "]"
        else:
            in_brackets = character == "["
            depth += (character == "(") - (character == ")")
        reader.position += 1
    reader.position = min(reader.position, len(reader.text))
    source = reader.text[start : reader.position]
    if not source:
        raise reader.fault("needs a regular expression here", "ここに正規表現が必要です", example='name~="^山口"')
    return source


def _unescaped(inner: str) -> str:
    """A pattern in quotes: some clients write it as a JSON string, some as the expression itself, its backslashes single."""
    try:
        return str(json.loads(f'"{inner}"', strict=False))
    except ValueError:
        return inner.replace('\\"', '"')
