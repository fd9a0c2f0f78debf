"""Which names does the @context of a request mean? From whatever JSON-LD allows as a context to one `TermMap`.

Looked up in this order: what was resolved before; the core, built in; contexts kept here; the network, if the operator lists the
host. gathering.py puts a context together, process.py reads it, this file asks, loads and remembers.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b
from typing import Any, Final
from weakref import WeakValueDictionary

import orjson

from kairo.context.contexts.core import CORE_URL
from kairo.context.contexts.fetching import Fetched, Fetcher, not_available
from kairo.context.contexts.gathering import Gathering, presentation
from kairo.context.contexts.keeping import ContextKind, ContextStore, StoredContext
from kairo.context.contexts.process import read_terms
from kairo.context.contexts.recent import Recent
from kairo.context.contexts.screening import Limits, bad_context
from kairo.context.contexts.terms import CORE, TermMap
from kairo.errors import BadRequestData, LdContextNotAvailable
from kairo.platform.clock import Clock, system_clock

_THREAD_FROM_TERMS: Final = 200  # larger contexts are processed beside the event loop
_WEIGHT: Final = 500  # what a context weighs beside its terms: the core's terms, and what its map remembers
_SECONDS_UNTIL_RETRY: Final = 30.0  # a host that failed is left alone so long


@dataclass(frozen=True, slots=True)
class _Resolved:
    term_map: TermMap
    urls: frozenset[str]
    until: float


class ContextResolver:
    """Resolves the contexts of requests and keeps the answers. One for a process.

    `recheck_seconds`: so often it is looked in the store whether a context changed (another process may have changed it).
    `kept_terms`: how much is remembered, counted in terms; a context counts 500 and its own.
    """

    def __init__(
        self,
        store: ContextStore,
        fetcher: Fetcher | None = None,
        *,
        clock: Clock = system_clock,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        recheck_seconds: float = 60.0,
        kept_terms: int = 200_000,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._fetcher = fetcher
        self._clock = clock
        self._limits = limits
        self._recheck_seconds = recheck_seconds
        self._timer = timer
        self._resolved = Recent[str | bytes, _Resolved](kept_terms)
        self._maps = Recent[bytes, TermMap](kept_terms)
        self._failures = Recent[str, tuple[float, LdContextNotAvailable | BadRequestData]](256)
        self._locks = WeakValueDictionary[str, asyncio.Lock]()
        self.on_use: Callable[[frozenset[str]], None] | None = None  # told the URLs that each request needed

    async def resolve(self, context: Any = None, link: str | None = None) -> TermMap:
        """The names of a request: `context` is its body's @context, `link` the URL from `parse_link_context`.

        Raises BadRequestData (not a valid context, or both given) and LdContextNotAvailable (not to be had).
        """
        if link is not None:
            if context is not None:
                raise BadRequestData("the @context is given twice, in the Link header and in the body (6.3.5)")
            context = link
        if context is None:
            return CORE
        key = context if isinstance(context, str) else _digest(context, self._limits.inline_bytes)
        known = self._resolved.get(key)
        if known is not None and self._timer() < known.until:
            if self.on_use is not None and known.urls:
                self.on_use(known.urls)
            return known.term_map
        started = self._timer()
        gathering = Gathering(self._document, self._limits)
        await gathering.add(context)
        document, link = presentation(context)
        term_map = CORE if link == CORE_URL else (await self._read(gathering)).shown_as(document, link)
        until = started + self._recheck_seconds if gathering.urls else float("inf")
        urls = frozenset(gathering.urls)
        self._resolved.put(key, _Resolved(term_map, urls, until), weight=_WEIGHT + gathering.terms)
        if self.on_use is not None and urls:
            self.on_use(urls)
        return term_map

    async def check(self, document: dict[str, Any], url: str) -> None:
        """Raises as `resolve` does unless this document could be resolved if it were stored under this URL (5.13.2)."""
        gathering = Gathering(self._document, self._limits)
        await gathering.add_document(document, url)
        await self._read(gathering)

    async def reload(self, url: str) -> None:
        """Fetches a context anew and keeps it in place of the old one. Raises LdContextNotAvailable, and the old one stays."""
        if self._fetcher is None or not self._fetcher.may_fetch(url):
            raise not_available(url, "its host is not in context_hosts")
        try:
            fetched = await self._fetcher.fetch(url)
            await self.check(fetched.document, url)
        except BadRequestData as error:
            raise not_available(url, f"what came is no @context: {error.detail}") from error
        await self._keep(url, fetched)
        self.forget(url)

    def forget(self, url: str) -> None:
        """Drops what was resolved with this URL, whose context was changed or deleted; a path means it on every host."""
        self._failures.drop(lambda key, _: key.endswith(url))
        self._resolved.drop(lambda _, resolved: any(used.endswith(url) for used in resolved.urls))

    async def _read(self, gathering: Gathering) -> TermMap:
        key = _digest(gathering.contexts, self._limits.total_bytes)
        known = self._maps.get(key)
        if known is None:
            if gathering.terms > _THREAD_FROM_TERMS:
                known = await asyncio.to_thread(_make, gathering.contexts)
            else:
                known = _make(gathering.contexts)
            self._maps.put(key, known, weight=_WEIGHT + gathering.terms)
        return known

    async def _document(self, url: str) -> dict[str, Any]:
        """The document of this URL: kept and fresh, or fetched, or kept and old if there is no newer one to be had."""
        stored = await self._store.get(url)
        if stored is not None and stored.is_fresh(self._clock()):
            return stored.document
        if self._fetcher is None or not self._fetcher.may_fetch(url):
            if stored is not None:
                return stored.document
            raise not_available(url, "it is not stored here, and its host is not in context_hosts")
        try:
            return await self._fetch(url, self._fetcher)
        except (LdContextNotAvailable, BadRequestData):
            if stored is None:
                raise
            return stored.document

    async def _fetch(self, url: str, fetcher: Fetcher) -> dict[str, Any]:
        """Fetches once for all who wait for it, keeps it here, and leaves a failing host alone for a while."""
        lock = self._locks.setdefault(url, asyncio.Lock())
        async with lock:
            stored = await self._store.get(url)
            if stored is not None and stored.is_fresh(self._clock()):
                return stored.document
            failure = self._failures.get(url)
            if failure is not None and self._timer() < failure[0]:
                raise _again(failure[1])
            try:
                fetched = await fetcher.fetch(url)
            except (LdContextNotAvailable, BadRequestData) as error:
                self._failures.put(url, (self._timer() + _SECONDS_UNTIL_RETRY, error))
                raise
            await self._keep(url, fetched)
            return fetched.document

    async def _keep(self, url: str, fetched: Fetched) -> None:
        now = self._clock()
        expires_at = now + timedelta(seconds=fetched.keep_seconds)
        await self._store.put(StoredContext(url, fetched.document, ContextKind.CACHED, now, expires_at))


def _make(contexts: list[dict[str, Any]]) -> TermMap:
    return TermMap(read_terms(contexts))


def _digest(value: Any, max_bytes: int) -> bytes:
    """A key for JSON, the same however its members are ordered. Refuses what cannot be written or is too large."""
    try:
        canonical = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except (orjson.JSONEncodeError, RecursionError) as error:
        raise bad_context("it is nested too deeply, or not JSON") from error
    if len(canonical) > max_bytes:
        raise bad_context(f"it is larger than {max_bytes} bytes; what is too large for a body may be stored here")
    return blake2b(canonical, digest_size=24).digest()


def _again(error: LdContextNotAvailable | BadRequestData) -> LdContextNotAvailable | BadRequestData:
    return type(error)(error.detail, detail_ja=error.detail_ja, mend=error.mend, mend_ja=error.mend_ja)
