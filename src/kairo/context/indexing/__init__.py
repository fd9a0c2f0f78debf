"""Which attributes have an index, chosen by what is asked? Tables of their own that every commit keeps right (docs/adr/0017)."""

from kairo.context.indexing.choosing import Indexer

__all__ = ["Indexer"]
