"""What does a page know besides its own content? Title, language, place in the site, who is signed in: the layout's data."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from kairo.platform.i18n import LANGUAGES, Language, with_language


@dataclass(frozen=True, slots=True)
class Link:
    """A labelled way to somewhere. `href` of this site is written without language (`/buses`); the layout puts it before."""

    label: str
    href: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """The person who is signed in, as the header shows them, where they find their own page, and where the form of the way out
    is sent to (POST: a link would be followed by whoever looks ahead). `label`: the words of the link, where the name alone says
    too little."""

    name: str
    href: str
    sign_out_href: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What is the same on every page of one installation. `phone` is the human way out that every page offers."""

    name: str = "回廊 Kairo"
    operator: str = ""
    phone: str = ""
    phone_label: str = ""
    phone_hours: str = ""
    home: str = "/"
    search: str = "/search"
    sign_in: str = ""
    footer: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page as the layout needs it. `path` is without language prefix and with its query, so that switching keeps it.

    `foot` are links of the foot in the page's language (else the site's); a page with `own_search` has the search in its content.
    """

    title: str
    language: Language = "ja"
    path: str = "/"
    lead: str = ""
    nav: tuple[Link, ...] = ()
    crumbs: tuple[Link, ...] = ()
    account: Account | None = None
    synthetic: bool = False
    stream: str = ""
    updated_at: datetime | None = None
    wide: bool = False
    lean: bool = False
    drill: str = ""
    query: str = ""
    robots: str = ""
    csrf: str = field(default="", repr=False)
    foot: tuple[Link, ...] = ()
    own_search: bool = False

    @property
    def languages(self) -> list[tuple[Language, str, bool]]:
        """For the language switch: tag, address of this same page, whether it is the present one."""
        return [(tag, with_language(self.path, tag), tag == self.language) for tag in LANGUAGES]

    @property
    def back(self) -> Link | None:
        """Where 「前のページ」 leads: the page above this one."""
        return self.crumbs[-1] if self.crumbs else None

    def is_current(self, link: Link) -> bool:
        """Whether a navigation link leads to this page or to one above it."""
        path = self.path.partition("?")[0].rstrip("/")
        target = link.href.partition("?")[0].rstrip("/")
        return path == target or (target != "" and path.startswith(target + "/"))


def links(pairs: Iterable[tuple[str, str]]) -> tuple[Link, ...]:
    """Links from pairs of label and address."""
    return tuple(Link(label, href) for label, href in pairs)
