"""In which language does Kairo speak to this person, and with which words? Knows languages and messages, no pages."""

from kairo.platform.i18n.catalogue import Catalogue, Message, MissingMessage, Translate
from kairo.platform.i18n.furigana import strip_readings, with_ruby
from kairo.platform.i18n.languages import (
    DEFAULT_LANGUAGE,
    LANGUAGES,
    Language,
    LanguageMap,
    negotiate,
    pick,
    pick_entry,
    split_language,
    with_language,
)

__all__ = [
    "DEFAULT_LANGUAGE",
    "LANGUAGES",
    "Catalogue",
    "Language",
    "LanguageMap",
    "Message",
    "MissingMessage",
    "Translate",
    "negotiate",
    "pick",
    "pick_entry",
    "split_language",
    "strip_readings",
    "with_language",
    "with_ruby",
]
