"""Search over what is open in the graph, as people in Japan type it: width, kana, 異体字 and word order do not matter."""

from kairo.capabilities.search.excerpts import Marked
from kairo.capabilities.search.finding import Hit, Hits, SearchIndex, reaction

__all__ = ["Hit", "Hits", "Marked", "SearchIndex", "reaction"]
