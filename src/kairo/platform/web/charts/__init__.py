"""Which picture shows these numbers, and where does each mark stand? Pure geometry; `templates/kit/chart.html` draws it.

Every chart has the table it was drawn from, a sentence that says what it shows, and marks that differ by more than colour.
"""

from kairo.platform.web.charts.bars import Bars, Columns
from kairo.platform.web.charts.line import Line, Series
from kairo.platform.web.charts.long import Long
from kairo.platform.web.charts.pyramid import AgeGroup, Pyramid
from kairo.platform.web.charts.table import DataTable
from kairo.platform.web.charts.target import Target

__all__ = ["AgeGroup", "Bars", "Columns", "DataTable", "Line", "Long", "Pyramid", "Series", "Target"]
