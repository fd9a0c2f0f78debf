"""How are readings written in a message, and how do they become <ruby>?

The notation is that of 青空文庫, so that a message file reads well aloud: `避難所《ひなんじょ》へ`. A reading belongs to the kanji
before it; where it should cover something else, a `｜` says where that begins: `｜お子さん《こども》`.
"""

import re

from markupsafe import Markup, escape

_KANJI = r"[\u3005\u3006\u3007\u30f6\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_MARKED = re.compile(rf"(?:｜([^｜《》]+)|({_KANJI}+))《([^《》]+)》")


def strip_readings(text: str) -> str:
    """The text without its readings: for attributes, titles, plain mail, search."""
    return _MARKED.sub(lambda found: found[1] or found[2], text)


def with_ruby(text: str) -> Markup:
    """The text as HTML, each reading as <ruby> with brackets for browsers and readers that do not know it."""
    parts: list[str] = []
    end = 0
    for found in _MARKED.finditer(text):
        base, reading = escape(found[1] or found[2]), escape(found[3])
        parts += [escape(text[end : found.start()]), f"<ruby>{base}<rp>（</rp><rt>{reading}</rt><rp>）</rp></ruby>"]
        end = found.end()
    return Markup("".join([*parts, escape(text[end:])]))  # noqa: S704 - every part is escaped
