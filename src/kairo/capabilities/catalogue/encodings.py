"""In which encoding is this file, and is it whole? UTF-8 with or without BOM, UTF-16 with BOM, or Windows' Japanese (CP932)."""

from pathlib import Path
from typing import NamedTuple

from kairo.errors import BadRequestData, StartError

MAX_FILE_BYTES = 512 * 1024 * 1024


class Decoded(NamedTuple):
    """The text of a file, its encoding, and the rule that applied (empty: plain UTF-8)."""

    text: str
    encoding: str
    rule: str


def read_text(path: Path) -> Decoded:
    """The text of a file. Raises StartError where it cannot be opened, BadRequestData where it is no text."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise BadRequestData(
                f"{path} is larger than {MAX_FILE_BYTES // 1024 // 1024} MB",
                detail_ja=f"{path} は {MAX_FILE_BYTES // 1024 // 1024} MB を超えています",
                mend="Split the file and import its parts.",
                mend_ja="ファイルを分けて取り込んでください。",
            )
        content = path.read_bytes()
    except OSError as error:
        raise StartError(
            f"{path} cannot be read: {error.strerror}",
            detail_ja=f"{path} を読めません: {error.strerror}",
            mend="Check the file's name and that you may read it.",
            mend_ja="ファイル名と、読み取りの権限をご確認ください。",
        ) from None
    return decode(content, str(path))


def decode(content: bytes, name: str) -> Decoded:
    """The same for bytes."""
    if not content.strip():
        raise half_a_file(name, "is empty", "は空です")
    if content.startswith(b"PK\x03\x04"):
        raise BadRequestData(
            f"{name} is a zip archive (or an Excel file)",
            detail_ja=f"{name} はZIP（またはExcel）ファイルです",
            mend="Unpack it and import the .geojson, .json, .topojson or .csv file in it.",
            mend_ja="展開して、中の .geojson、.json、.topojson、.csv ファイルを取り込んでください。",
        )
    try:
        if content.startswith(b"\xef\xbb\xbf"):
            return Decoded(content[3:].decode("utf-8"), "utf-8-sig", "byte-order-mark-removed")
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return Decoded(content.decode("utf-16"), "utf-16", "decoded-from-utf-16")
        return Decoded(content.decode("utf-8"), "utf-8", "")
    except UnicodeDecodeError as error:
        if error.end >= len(content) and error.reason in ("unexpected end of data", "truncated data"):
            raise half_a_file(name, "ends within a character", "は文字の途中で終わっています") from None
    try:
        return Decoded(content.decode("cp932"), "cp932", "decoded-from-cp932")
    except UnicodeDecodeError as error:
        raise BadRequestData(
            f"{name} is neither UTF-8 nor CP932 (Shift_JIS): byte {error.start + 1} fits neither",
            detail_ja=f"{name} の文字コードがUTF-8でもShift_JIS（CP932）でもありません（{error.start + 1}バイト目）",
            mend="Save it as UTF-8 and import it again; nothing was written.",
            mend_ja="UTF-8で保存し直して、もう一度取り込んでください。何も書き込んでいません。",
        ) from None


def half_a_file(name: str, what: str, what_ja: str) -> BadRequestData:
    """The error for a file that ends too early."""
    return BadRequestData(
        f"{name} {what}: this is half a file",
        detail_ja=f"{name} {what_ja}。ファイルが途中で切れています",
        mend="Get the file again and compare its size with the source; nothing was written.",
        mend_ja="ファイルを取得し直し、大きさを元と比べてください。何も書き込んでいません。",
    )
