"""The page kit: layout, parts, maps, charts, languages and static files. Knows nothing of cities; see README.md for how-to."""

from kairo.platform.web.error_pages import error_page
from kairo.platform.web.languages import LanguagePrefix, language_of
from kairo.platform.web.overview import Place
from kairo.platform.web.pages import Account, Link, Page, Site, links
from kairo.platform.web.security import SecurityHeaders, content_security_policy, security_headers
from kairo.platform.web.static import StaticFiles
from kairo.platform.web.templates import Kit

__all__ = [
    "Account",
    "Kit",
    "LanguagePrefix",
    "Link",
    "Page",
    "Place",
    "SecurityHeaders",
    "Site",
    "StaticFiles",
    "content_security_policy",
    "error_page",
    "language_of",
    "links",
    "security_headers",
]
