"""How does a template become a page? One Jinja environment per language, in which `t`, `href` and the macros speak it already.

A misspelt variable is an error (StrictUndefined), every value is escaped, and packages bring templates and messages by `add`.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup

from kairo.platform.i18n import LANGUAGES, Catalogue, Language, LanguageMap, pick, with_language, with_ruby
from kairo.platform.i18n.languages import pick_entry, same_script
from kairo.platform.web import filters, overview
from kairo.platform.web.pages import Page, Site
from kairo.platform.web.static import StaticFiles

_HERE = Path(__file__).parent
_MACROS = ("ui", "form", "geo", "chart")


class Kit:
    """Draws pages: `kit.render("parenting/index.html", page, classes=…)`. Made once, in the composition root."""

    def __init__(self, site: Site, *, static: StaticFiles | None = None, strict: bool = False, reload: bool = False) -> None:
        self.site = site
        self.static = static or StaticFiles(reload=reload)
        self.catalogue = Catalogue(strict=strict)
        self._folders: dict[str, FileSystemLoader] = {}
        self._environments: dict[Language, Environment] = {}
        self._reload = reload
        self._land = overview.Land(self.static.base_map())
        self.add("kit", _HERE, templates=_HERE / "templates" / "kit")

    def add(self, name: str, package: Path, *, templates: Path | None = None, messages: bool = True) -> None:
        """Takes in a package's `templates/` (as `name/…`) and `messages/` (as `name.…`); either may be left out."""
        if name in self._folders:
            raise ValueError(f"templates and messages of {name} were added already")
        self._folders[name] = FileSystemLoader(templates or package / "templates")
        if messages:
            self.catalogue.add(name, package / "messages")
        self._environments.clear()

    def render(self, template: str, page: Page, /, **values: Any) -> str:
        """The whole page as HTML."""
        return self.environment(page.language).get_template(template).render(page=page, **values)

    def fragment(self, template: str, language: Language, /, **values: Any) -> str:
        """A piece of a page, for htmx and event streams; it has no `page`."""
        return self.environment(language).get_template(template).render(**values)

    def t(self, language: Language, key: str, /, **values: Any) -> str:
        """A message as plain text, for titles that Python code makes."""
        return str(self.catalogue.translate(language, key, **values))

    def environment(self, language: Language) -> Environment:
        """The environment that speaks this language; made at first use."""
        if language not in self._environments:
            self._environments[language] = self._build(language)
        return self._environments[language]

    def _build(self, language: Language) -> Environment:
        made = Environment(
            loader=PrefixLoader(self._folders),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=self._reload,
            extensions=["jinja2.ext.loopcontrols", "jinja2.ext.do"],
        )
        made.policies["json.dumps_kwargs"] = {"sort_keys": False, "ensure_ascii": False, "default": _json_default}
        made.globals |= {
            "t": self.catalogue.translator(language),
            "has_message": self.catalogue.has,
            "href": partial(with_language, language=language),
            "asset": self.static.address,
            "site": self.site,
            "language": language,
            "languages": LANGUAGES,
            "pick": partial(_pick_html, language=language),
            "place_points": overview.geojson,
            "draw_overview": partial(overview.draw, land=self._land),
        }
        made.filters |= _filters(language)
        for name in _MACROS:
            made.globals[name] = made.get_template(f"kit/{name}.html").module
        return made


def _filters(language: Language) -> dict[str, Callable[..., Any]]:
    return {
        "number": filters.number,
        "unit": filters.with_unit,
        "day": partial(filters.day, language=language),
        "clock": partial(filters.clock_time, language=language),
        "moment": partial(filters.day_and_time, language=language),
        "wareki": partial(filters.wareki, language=language),
        "machine_time": filters.machine_time,
        "ruby": with_ruby,
        "plain": _plain,
        "pick": partial(_pick_html, language=language),
        "lang_href": partial(with_language, language=language),
    }


def _plain(text: object) -> str:
    """A message without its <ruby>, for attributes: `aria-label="{{ t('…')|plain }}"`."""
    return str.__str__(text) if isinstance(text, str) and not isinstance(text, Markup) else str(text)


def _pick_html(texts: LanguageMap | str | None, language: Language) -> str:
    """The reader's text of a languageMap; one that fell back to another language says so to screen readers."""
    if isinstance(texts, Mapping):
        text, tag = pick_entry(texts, language)
        return text if same_script(tag, language) or tag == "@none" else Markup('<span lang="{}">{}</span>').format(tag, text)
    return pick(texts, language)


def _json_default(value: object) -> object:
    if isinstance(value, datetime | date):
        return filters.machine_time(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON into a page")
