"""What exactly is wrong with this JSON text, and where? Only asked when `jsontext` has already refused or doubts.

Walks the tokens of the text, so that the answer names the line, the column and the path of members, which fast decoders
cannot.
"""

import re
from typing import Any, NamedTuple

import orjson

from kairo.errors import InvalidRequest

MAX_DEPTH = 64
_SMALLEST_INTEGER = -(2**63)
_LARGEST_INTEGER = 2**64 - 1
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_INTEGER = re.compile(r"-?[0-9]+")
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_NOT_A_NUMBER = re.compile(r"-?(?:NaN|Infinity|inf|nan)\b", re.IGNORECASE)


class _Frame:
    """One open object or array during the walk."""

    __slots__ = ("index", "is_object", "key", "keys", "wants_key")

    def __init__(self, is_object: bool) -> None:
        self.is_object = is_object
        self.keys: set[str] = set()
        self.key = ""
        self.index = 0
        self.wants_key = is_object


class _Place(NamedTuple):
    """Where in the text: for people a line and column, for programs a JSON pointer."""

    offset: int
    pointer: str


def explain(body: bytes, error: Exception | None) -> InvalidRequest:
    """The error for a body that the decoder refused (or, without `error`, that nests too deeply)."""
    if not body.strip():
        return InvalidRequest("The body is empty; JSON was expected.", detail_ja="本文が空です。JSONを送ってください。")
    if body[:3] == b"\xef\xbb\xbf" or body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return InvalidRequest(
            "The body starts with a byte order mark (BOM). JSON is sent as UTF-8 without one.",
            detail_ja="本文の先頭にBOMがあります。BOMなしのUTF-8で送ってください。",
            mend="Save the file as UTF-8 without BOM and send it again.",
            mend_ja="BOMなしのUTF-8で保存し直して送ってください。",
        )
    try:
        text = body.decode()
    except UnicodeDecodeError as wrong:
        return InvalidRequest(
            f"Byte {wrong.start} is not UTF-8 (0x{body[wrong.start]:02x}).",
            detail_ja=f"{wrong.start}バイト目がUTF-8ではありません（Shift_JISなどの可能性があります）。",
        )
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError as wrong:
        return _syntax(text, wrong)
    return find_fault(text) or InvalidRequest(
        f"The body is not JSON: {error}", detail_ja="本文をJSONとして読めません。", mend=None
    )


def _syntax(text: str, wrong: orjson.JSONDecodeError) -> InvalidRequest:
    offset = min(wrong.pos, len(text))
    if wrong.msg.startswith("depth limit"):
        return _too_deep(text, _Place(offset, ""))
    if text[offset - 1 : offset] == "-":
        offset -= 1
    unreal = _NOT_A_NUMBER.match(text, offset)
    reason = f"{unreal[0]} is not a JSON number" if unreal else wrong.msg.split(": line ")[0]
    where, where_ja = _position(text, offset)
    return InvalidRequest(
        f"The body is not JSON: {reason} ({where}).",
        detail_ja=f"本文をJSONとして読めません（{where_ja}）: {reason}",
        line=text.count("\n", 0, offset) + 1,
    )


def _position(text: str, offset: int) -> tuple[str, str]:
    line = text.count("\n", 0, offset) + 1
    column = offset - text.rfind("\n", 0, offset)
    return f"line {line}, column {column}", f"{line}行目{column}文字目"


def find_fault(text: str) -> InvalidRequest | None:
    """The first duplicate key, U+0000, number out of range or excess of depth in a text that is otherwise JSON."""
    frames: list[_Frame] = []
    for match in _TOKEN.finditer(text):
        token = match[0]
        head = token[0]
        if head in "{[":
            frames.append(_Frame(head == "{"))
            if len(frames) > MAX_DEPTH:
                return _too_deep(text, _Place(match.start(), _pointer(frames[:-1])))
        elif head in "}]":
            frames.pop()
        elif head == ",":
            _next_member(frames)
        elif head != ":":
            fault = _scalar(text, token, frames, match.start())
            if fault is not None:
                return fault
    return None


def _next_member(frames: list[_Frame]) -> None:
    top = frames[-1]
    top.index += 1
    top.wants_key = top.is_object


def _scalar(text: str, token: str, frames: list[_Frame], offset: int) -> InvalidRequest | None:
    """Looks at one string, number or literal; remembers it when it is a key."""
    if token[0] == '"':
        if frames and frames[-1].wants_key:
            return _key(text, orjson.loads(token), frames, offset)
        return _nul(text, token, _Place(offset, _pointer(frames)))
    if _INTEGER.fullmatch(token) and not _fits(token):
        return _number(text, token, _Place(offset, _pointer(frames)))
    return None


def _fits(token: str) -> bool:
    return len(token) <= 20 and _SMALLEST_INTEGER <= int(token) <= _LARGEST_INTEGER


def _key(text: str, key: str, frames: list[_Frame], offset: int) -> InvalidRequest | None:
    top = frames[-1]
    top.key = key
    top.wants_key = False
    place = _Place(offset, _pointer(frames))
    if key in top.keys:
        return _fault(
            text, place, f'the key "{key}" stands twice in one object', f"キー「{key}」が同じオブジェクトに二度あります"
        )
    top.keys.add(key)
    return _nul(text, "\\u0000", place) if "\0" in key else None


def _nul(text: str, token: str, place: _Place) -> InvalidRequest | None:
    if not _NUL.search(token):
        return None
    return _fault(
        text, place, "the character U+0000 cannot be stored (PostgreSQL text has none)", "文字 U+0000 は保存できません"
    )


def _number(text: str, token: str, place: _Place) -> InvalidRequest:
    shown = token if len(token) <= 40 else token[:40] + "…"
    return _fault(
        text,
        place,
        f"the integer {shown} is beyond 64 bits and would lose digits; send it as a string",
        f"整数 {shown} は64ビットを超え桁が失われます。文字列で送ってください",
    )


def _too_deep(text: str, place: _Place) -> InvalidRequest:
    return _fault(text, place, f"more than {MAX_DEPTH} levels of objects and arrays", f"入れ子が{MAX_DEPTH}段を超えています")


def _fault(text: str, place: _Place, reason: str, reason_ja: str) -> InvalidRequest:
    where, where_ja = _position(text, place.offset)
    members: dict[str, Any] = {"path": place.pointer}
    return InvalidRequest(
        f"{place.pointer or '/'}: {reason} ({where}).",
        detail_ja=f"{place.pointer or '/'}: {reason_ja}（{where_ja}）。",
        **members,
    )


def _pointer(frames: list[_Frame]) -> str:
    """The JSON pointer (RFC 6901) of the value at hand."""
    steps = (frame.key if frame.is_object else str(frame.index) for frame in frames)
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
