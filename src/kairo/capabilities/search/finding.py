"""What is found for this text, by this asker, in this language? The face of search for pages and for the composition root."""

from collections.abc import Sequence
from dataclasses import dataclass

from kairo.capabilities.search import store
from kairo.capabilities.search.excerpts import Marked, excerpt, mark
from kairo.capabilities.search.indexing import Indexer, Progress
from kairo.capabilities.search.terms import Terms, after, grams_of, loosened
from kairo.context.gate import Declarations, Scope
from kairo.context.graph import Graph
from kairo.platform.clock import Clock, system_clock
from kairo.platform.db import Database
from kairo.platform.i18n import Language
from kairo.platform.manifests import Change, On

MOST_HITS = 100  # on one page
MOST_OFFSET = 10_000
_MOST_CANDIDATES = 3000  # rows with a gram beyond which looking at every row is no slower


@dataclass(frozen=True, slots=True)
class Hit:
    """An entity found: its id, its first type, its title and the text around the match, both with marks."""

    id: str
    type: str
    title: Marked
    excerpt: Marked


@dataclass(frozen=True, slots=True)
class Hits:
    """A page of hits, best first. `total` counts all pages; an entity that has gone meanwhile may still be counted.

    `relaxed`: nothing holds every word, so these hold at least one, those with the most first.
    """

    total: int = 0
    hits: tuple[Hit, ...] = ()
    relaxed: bool = False


class SearchIndex:
    """The search of this installation. `graph` is set by the composition root before anything is indexed."""

    def __init__(self, database: Database, declarations: Declarations, clock: Clock = system_clock) -> None:
        self._database = database
        self._declarations = declarations
        self._clock = clock
        self.graph: Graph | None = None

    async def find(
        self,
        scope: Scope,
        text: str,
        *,
        language: Language = "ja",
        types: Sequence[str] | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> Hits:
        """Entities whose texts hold every word of `text`, or, where there are none, any of them. Empty text: no hits."""
        terms = Terms.of(text)
        found = await self._page(scope, terms, language, types, limit, offset, any_word=False)
        if found.total or not terms.words:
            return found
        looser = loosened(text, terms)
        return await self._page(scope, looser, language, types, limit, offset, any_word=True)

    async def suggest(self, scope: Scope, prefix: str, *, language: Language = "ja", limit: int = 8) -> list[Hit]:
        """What somebody who has typed this far may mean: hits with different titles that hold it, best first."""
        found = await self._page(scope, Terms.of(prefix), language, None, limit * 3, 0, any_word=False)
        by_title = {hit.title.text: hit for hit in reversed(found.hits)}
        return [hit for hit in found.hits if by_title[hit.title.text] is hit][:limit]

    async def reindex(self, changes: list[Change]) -> None:
        """Brings the index up to date with changes of the graph: the reaction."""
        await self._indexer().reindex(changes)

    async def rebuild(self, tenant: str, progress: Progress) -> int:
        """Compares the whole tenant with its index; returns how many entities were written anew."""
        return await self._indexer().rebuild(tenant, progress)

    def _indexer(self) -> Indexer:
        assert self.graph is not None, "the composition root sets SearchIndex.graph"
        return Indexer(self._database, self._declarations, self.graph)

    async def _page(
        self,
        scope: Scope,
        terms: Terms,
        language: Language,
        types: Sequence[str] | None,
        limit: int,
        offset: int,
        *,
        any_word: bool,
    ) -> Hits:
        if not terms.words or scope.types is not None:  # who may see certain types alone asks the API for them
            return Hits()
        limit, offset = max(0, min(limit, MOST_HITS)), max(0, min(offset, MOST_OFFSET))
        ranges = await self._candidates(scope.tenant, terms, any_word=any_word)
        if ranges == []:
            return Hits()

        async def page(limit: int, offset: int) -> list[store.Record]:
            return await store.find(
                self._database,
                scope,
                language,
                self._clock(),
                types,
                terms.whole,
                terms.patterns,
                ranges,
                any_word=any_word,
                limit=limit,
                offset=offset,
            )

        rows = await page(limit, offset)
        total = rows[0]["total"] if rows else 0
        if not rows and offset:  # behind the last page: how many are there?
            first = await page(1, 0)
            total = first[0]["total"] if first else 0
        return Hits(total, tuple(_hit(row, terms.words) for row in rows), any_word and total > 0)

    async def _candidates(self, tenant: str, terms: Terms, *, any_word: bool) -> list[tuple[str, str]] | None:
        """The rarest gram (of any word: the rarest of each) as ranges; None where even it is too common, [] where it is not
        there at all."""
        grams = {word: grams_of(word) for word in terms.words}
        every = dict.fromkeys(gram for found in grams.values() for gram in found)
        often = await store.how_often(self._database, tenant, [(gram, after(gram)) for gram in every], _MOST_CANDIDATES)
        rarest = [min(found, key=lambda gram: often[gram]) for found in grams.values()]
        if not any_word:
            rarest = [min(rarest, key=lambda gram: often[gram])]
        if any(often[gram] >= _MOST_CANDIDATES for gram in rarest):
            return None
        return [(gram, after(gram)) for gram in dict.fromkeys(rarest) if often[gram]]


def _hit(row: store.Record, words: Sequence[str]) -> Hit:
    lines = "\n".join(row["folded"].split("\n")[2:])
    return Hit(row["entity"], row["types"][0], mark(row["title"], words), excerpt(row["shown"], lines, words))


def reaction(index: SearchIndex) -> On:
    """The reaction that keeps the index: to changes of every open type."""
    return On("*", index.reindex)
