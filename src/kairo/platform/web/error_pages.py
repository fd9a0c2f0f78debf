"""How does an error look to a person? What happened, what to do next, and a telephone number; never a stack trace."""

from dataclasses import replace

from kairo.errors import KairoError
from kairo.platform.i18n import Language
from kairo.platform.web.pages import Page
from kairo.platform.web.templates import Kit


def error_words(kit: Kit, error: KairoError, language: Language) -> tuple[str, str, str]:
    """Title, what happened and what to do next, in the reader's language.

    What the error itself says to a person wins; its defaults, written for programs too, give way to the kit's plain words.
    """
    key = f"kit.error.status_{error.status}"
    if not kit.catalogue.has(f"{key}.title"):
        key = "kit.error.status_500" if error.status >= 500 else "kit.error.status_400"
    english = language == "en"
    title = kit.t(language, f"{key}.title")
    happened = error.detail if english else (error.detail_ja or "")
    own_mend = error.mend if english else (error.mend_ja or "")
    default = error.default_mend if english else error.default_mend_ja
    mend = own_mend if own_mend and own_mend != default else kit.t(language, f"{key}.mend")
    return title, happened if error.status < 500 else "", mend


def error_page(kit: Kit, error: KairoError, page: Page, *, reference: str = "") -> str:
    """The whole page for an error; `page` brings language, address and navigation, `reference` a request id to tell by phone."""
    title, happened, mend = error_words(kit, error, page.language)
    shown = replace(page, title=title, lead="", crumbs=(), stream="", updated_at=None, robots="noindex")
    return kit.render("kit/error.html", shown, status=error.status, happened=happened, mend=mend, reference=reference)
