"""Which numbers are behind a chart? The table under 「数字で見る」 and its CSV, for screen readers, print and spreadsheets."""

import base64
import csv
import io
from dataclasses import dataclass

Cell = str | float | int | None


@dataclass(frozen=True, slots=True)
class DataTable:
    """Header and rows; the first column names the row, the others are numbers (or words where there is no number)."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    unit: str = ""
    digits: int | None = None

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"a row has {len(row)} cells, the table {len(self.columns)} columns")

    @property
    def headers(self) -> list[dict[str, object]]:
        """The columns as the table macro takes them."""
        first, *others = self.columns
        found: list[dict[str, object]] = [{"label": first, "numeric": False}]
        found += [{"label": name, "numeric": True, "unit": self.unit, "digits": self.digits} for name in others]
        return found

    def csv(self) -> bytes:
        """UTF-8 with BOM and CRLF, as Excel in Japan opens it; a missing value is an empty cell.

        A text that a spreadsheet would run as a formula gets an apostrophe before it.
        """
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\r\n")
        unit = f"（{self.unit}）" if self.unit else ""
        writer.writerow([self.columns[0], *(f"{name}{unit}" for name in self.columns[1:])])
        for row in self.rows:
            writer.writerow(["" if cell is None else _harmless(cell) for cell in row])
        return b"\xef\xbb\xbf" + buffer.getvalue().encode()

    def csv_address(self) -> str:
        """The CSV as a data address, for a link with `download` where the service offers no address of its own."""
        return "data:text/csv;charset=utf-8;base64," + base64.b64encode(self.csv()).decode("ascii")


def _harmless(cell: str | float | int) -> str | float | int:
    return "'" + cell if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell
