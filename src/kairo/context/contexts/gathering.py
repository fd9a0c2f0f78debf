"""What does a context consist of, when all that it includes is put in its place, and how is it shown in an answer?

Asynchronous only because documents are loaded; within limits, because strangers write contexts.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urljoin

from kairo.context.contexts.core import CORE_URL, is_core_url
from kairo.context.contexts.links import check_url
from kairo.context.contexts.names import shown
from kairo.context.contexts.screening import Limits, bad_context, screen


class Gathering:
    """The screened objects of one context, in order (`contexts`), and the URLs they came from. `load` brings documents."""

    def __init__(self, load: Callable[[str], Awaitable[dict[str, Any]]], limits: Limits) -> None:
        self.contexts: list[dict[str, Any]] = []
        self.urls: set[str] = set()
        self.terms = 0
        self._document = load
        self._limits = limits
        self._inline_terms = 0
        self._seen = 0

    async def add(self, value: Any, base: str | None = None, chain: tuple[str, ...] = ()) -> None:
        """Adds a context and all that it includes, in order. `base` is the document it stands in, `chain` those around it."""
        self._seen += 1
        if self._seen > self._limits.contexts or len(chain) > self._limits.depth:
            raise bad_context(f"it includes more than {self._limits.contexts} others, or deeper than {self._limits.depth}")
        if isinstance(value, str):
            await self._include(value, base, chain)
        elif isinstance(value, list):
            for item in value:
                await self.add(item, base, chain)
        elif isinstance(value, dict):
            definitions = await self._definitions(value, base, chain)
            self.terms += len(definitions)
            self._inline_terms += len(definitions) if base is None else 0
            if self.terms > self._limits.terms or self._inline_terms > self._limits.inline_terms:
                raise bad_context("it has too many terms; of those in the body itself there may be fewer than of stored ones")
            self.contexts.append(definitions)
        elif value is None:
            if any(_protects(definitions) for definitions in self.contexts):
                raise bad_context("null cannot undo the protected terms before it")
            self.contexts.clear()
        else:
            raise bad_context(f"a context is a URL, an object, null or an array of these, not {shown(value)}")

    async def _include(self, value: str, base: str | None, chain: tuple[str, ...]) -> None:
        url = _absolute(value, base)
        if is_core_url(url):
            return  # it is always there, and always last
        if url in chain:
            raise bad_context(f"{shown(url)} includes itself")
        await self.add(await self._load(url), url, (*chain, url))

    async def add_document(self, document: dict[str, Any], url: str) -> None:
        """Adds a document that is at hand, as if it had been loaded from this URL."""
        await self.add(_context_of(document, url), url, (url,))

    async def _definitions(self, value: dict[str, Any], base: str | None, chain: tuple[str, ...]) -> dict[str, Any]:
        """A context object, screened, with what it imports (JSON-LD 1.1, 4.1.10) under its own terms."""
        own = dict(value)
        source = own.pop("@import", None)
        if "@import" in value:
            if not isinstance(source, str):
                raise bad_context("@import must be a URL")
            url = _absolute(source, base)
            if not is_core_url(url):
                imported = await self._load(url)
                if not isinstance(imported, dict) or "@import" in imported or url in chain:
                    raise bad_context(f"{shown(url)} cannot be imported: it must hold one object without @import")
                return screen(imported | own, remote=True)
        return screen(own, remote=base is not None)

    async def _load(self, url: str) -> Any:
        """What the document at this URL has as its @context."""
        self.urls.add(url)
        if len(self.urls) > self._limits.contexts:
            raise bad_context(f"it includes more than {self._limits.contexts} others")
        return _context_of(await self._document(url), url)


def _context_of(document: dict[str, Any], url: str) -> Any:
    if "@context" not in document:
        raise bad_context(f"the document {shown(url)} has no member @context")
    return document["@context"]


def _absolute(value: str, base: str | None) -> str:
    """The URL that a context names; relative only to the document it stands in."""
    try:
        return check_url(value if base is None else urljoin(base, value))
    except ValueError as error:
        raise bad_context(f"{shown(value)} is no URL") from error


def _protects(definitions: dict[str, Any]) -> bool:
    inner = (value.get("@protected") for value in definitions.values() if isinstance(value, dict))
    return bool(definitions.get("@protected")) or any(inner)


def presentation(context: Any) -> tuple[Any, str | None]:
    """What an answer in terms of this context shows: `document`, with the core last, and `link`, see `TermMap`."""
    items: list[Any] = []
    for item in _flat(context):
        if item is None:
            items.clear()
        elif item != {} and not (isinstance(item, str) and is_core_url(item)):
            items.append(item)
    if not items:
        return CORE_URL, CORE_URL
    return [*items, CORE_URL], items[0] if len(items) == 1 and isinstance(items[0], str) else None


def _flat(context: Any) -> list[Any]:
    return [part for item in context for part in _flat(item)] if isinstance(context, list) else [context]
