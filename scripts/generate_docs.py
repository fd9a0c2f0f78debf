"""Which docs are written from the program itself? Settings, errors, commands, routes: written by `make fix`, compared by `make check`.

A generated page cannot be forgotten: a new setting without a line in docs/settings.md fails the check.
"""

import argparse
import csv
import dataclasses
import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
MARK = "<!-- Written by `make fix` from {source}. Change that, not this. -->\n"


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ").strip()


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table."""
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *([_cell(cell) for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _shown(default: object) -> str:
    if default is None or default in ("", ()):
        return "–"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def settings_page() -> str:
    """docs/settings.md."""
    from kairo.settings import Settings

    rows = [
        (f"`KAIRO_{field.name.upper()}`", _shown(field.default), field.metadata["meaning"])
        for field in dataclasses.fields(Settings)
    ]
    return (
        f"{MARK.format(source='src/kairo/settings.py')}\n# Settings\n\n"
        "Kairo reads its settings from the environment; options of the command line win over them. A `KAIRO_` name that\n"
        "is not in this table stops the start, so that a slip of the pen is seen at once. Lists take spaces or commas;\n"
        "flags take `true` or `false`.\n\n" + table(("variable", "default", "meaning"), rows)
    )


def errors_page() -> str:
    """docs/errors.md."""
    from kairo.errors import all_errors

    for module in _modules_with_errors():
        importlib.import_module(module)
    parts = [
        (
            f"{MARK.format(source='src/kairo/errors.py')}\n# Errors\n\n"
            "Every error is RFC 9457 problem details (`application/problem+json`) with these members:\n"
            "`type` and `title` as below, `status`, `detail` (what is wrong with this very input) and `mend` (what to do next).\n"
            "`type` is what a program should test; the texts may change.\n"
        )
    ]
    for error in sorted(all_errors(), key=lambda cls: (cls.status, cls.__name__)):
        lines = (error.__doc__ or "").strip().splitlines() or [""]
        parts.append(
            f"\n## {error.status} {error.title}\n\n{error.title_ja}\n\n"
            f"- `type`: `{error.type}`\n- when: {lines[0].strip()}\n- next: {error.default_mend}\n- 次に: {error.default_mend_ja}\n"
        )
    return "".join(parts)


def _modules_with_errors() -> list[str]:
    """Modules that add classes to the family, found by their text: importing everything would be slow."""
    found = []
    for path in sorted((ROOT / "src" / "kairo").rglob("*.py")):
        text = path.read_text()
        if path.name != "errors.py" and "class " in text and "Error):" in text and "kairo.errors" in text:
            found.append(".".join(path.relative_to(ROOT / "src").with_suffix("").parts).removesuffix(".__init__"))
    return found


def cli_page() -> str | None:
    """docs/cli.md, once there is a command line."""
    if importlib.util.find_spec("kairo.cli") is None:
        return None
    import typer

    module = importlib.import_module("kairo.cli")
    apps = [value for value in vars(module).values() if isinstance(value, typer.Typer)]
    if not apps:
        return None
    command: Any = typer.main.get_command(apps[0])
    command.name = "kairo"
    parts = [
        (
            f"{MARK.format(source='src/kairo/cli.py')}\n# The command line\n\n"
            "`make setup` puts `kairo` into `.venv/bin`. Commands work beside a running server on the same data folder.\n"
            "An error is one line on the error output that says what to do; the exit code is 0 only when all went well.\n"
        )
    ]
    parts.extend(_command_part(command, "kairo"))
    return "".join(parts)


def _command_part(command: Any, name: str) -> Iterable[str]:
    below: dict[str, Any] = getattr(command, "commands", {})
    lines = [part.strip() for part in (command.help or "").split("\n\n")]
    text = "\n\n".join(" ".join(part.split()) for part in lines if part)
    usage = " ".join(part for part in (name, *(_usage(item) for item in command.params)) if part)
    parts = [f"\n## {name}\n\n{text}\n"] if text else [f"\n## {name}\n"]
    if not below:
        parts.append(f"\n    {usage}\n")
    rows = [
        (f"`{', '.join([*item.opts, *item.secondary_opts])}`", _default(item), item.help or "")
        for item in command.params
        if item.param_type_name == "option"
        and not {"--help", "--install-completion", "--show-completion"}.intersection(item.opts)
        and not item.hidden
    ]
    if rows:
        parts.append("\n" + table(("option", "default", "meaning"), rows))
    yield "".join(parts)
    for sub in sorted(below):
        if not below[sub].hidden:
            yield from _command_part(below[sub], f"{name} {sub}")


def _usage(item: Any) -> str:
    if item.param_type_name != "argument":
        return ""
    name = (item.metavar or item.name or "").upper()
    name += "…" if item.nargs == -1 else ""
    return name if item.required else f"[{name}]"


def _default(item: Any) -> str:
    # Callables and empty values depend on the settings; the settings page says them.
    return "–" if callable(item.default) or str(item.default) == "Sentinel.UNSET" else _shown(item.default)


def all_routes() -> list[Any] | None:
    """The program's route table, from `kairo.parts.routes()`, or None while there is none."""
    if importlib.util.find_spec("kairo.parts") is None:
        return None
    listing: Callable[[], Iterable[Any]] | None = getattr(importlib.import_module("kairo.parts"), "routes", None)
    return None if listing is None else list(listing())


def routes_page() -> str | None:
    """docs/routes.md, once there is a route table."""
    routes = all_routes()
    if routes is None:
        return None
    rows = [
        (f"`{route.method}`", f"`{route.path}`", f"`{route.permission}`", route.summary, getattr(route, "clause", ""))
        for route in sorted(routes, key=lambda route: (route.path, route.method))
    ]
    return (
        f"{MARK.format(source='the route table of src/kairo/app.py')}\n# Routes\n\n"
        "Everything that can be reached over HTTP, and the permission that is asked first. The clause is that of ETSI GS CIM 009.\n\n"
        + table(("method", "path", "permission", "what it does", "clause"), rows)
    )


def permissions_page() -> str | None:
    """docs/permissions.md, from the table that tests/trust/roles/test_permission_table.py holds against the program."""
    path = DOCS / "permissions.csv"
    if not path.exists():
        return None
    head, *rows = csv.reader(path.read_text(encoding="utf-8").splitlines())
    kinds = head[2:]
    from kairo.parts import manifests

    roles = [role for manifest in manifests() for role in manifest.roles]
    cells = [(f"`{row[0]}`", f"`{row[1]}`", *("✓" if cell == "yes" else "–" for cell in row[2:])) for row in rows]
    held = [
        (
            f"`{role.name}`",
            role.title["ja"],
            "<br>".join(f"`{name}` {words['ja']}" for name, words in role.purposes.items()),
            "<br>".join(f"`{one.type}`: {', '.join(one.attributes) or 'everything'}" for one in role.reads) or "–",
            ", ".join(f"`{power}`" for power in sorted(role.may)) or "–",
            f"`{role.basis}`",
        )
        for role in roles
    ]
    return (
        f"{MARK.format(source='docs/permissions.csv')}\n# Permissions\n\n"
        "Who gets through where, as the tests find it by asking each route as each kind of principal. `staff` have chosen no duty;\n"
        "the columns after it are staff on duty in a role. On routes of the API that read or write entities the table is about open\n"
        "data: what is seen of personal data follows from grants (roles, consents, emergency releases), attribute by attribute, and\n"
        "`/console/who-may-see` says for each attribute who reads it. A session counts for reading only; writes need a token.\n\n"
        + table(("method", "path", *kinds), cells)
        + "\n## Roles\n\nWhat whoever has a role reads and may do, under a duty for one of its purposes.\n\n"
        + table(("role", "役割", "purposes", "reads", "may", "basis"), held)
    )


def legal_bases_page() -> str | None:
    """docs/legal-bases.md, from the rules themselves."""
    if importlib.util.find_spec("kairo.trust.roles.bases") is None:
        return None
    from kairo.platform.handling import Controller
    from kairo.trust.roles import bases

    rows = [
        (
            f"`{one.name}`",
            one.title_ja,
            "<br>".join(
                article
                + (" (not read in the primary text)" if who in one.unread else "")
                + ("" if who is Controller.MUNICIPAL else " for private operators")
                for who, article in one.articles.items()
            ),
            ", ".join(recipient.value for recipient in bases.Recipient if recipient in one.recipients),
            ", ".join(demand.value for demand in bases.Demand if demand in one.demands and demand not in bases.ALWAYS),
        )
        for one in bases.BASES.values()
    ]
    demands = [(demand.value, ja, en) for demand, (en, ja) in bases.DEMANDED.items()]
    return (
        f"{MARK.format(source='src/kairo/trust/roles/bases.py')}\n# Legal bases\n\n"
        "Each basis on which personal data may be used or given, with its article and the facts that must be recorded. They are rules\n"
        "in the program (`check(basis, facts)`), held by a truth table. 個人情報保護法 61条 and 69条, 災害対策基本法 49条の10, 49条の11 and\n"
        "49条の14 were read on statute pages (in force on 1 April 2024). Municipal bodies act under chapter 5 of the law, private\n"
        "operators under chapter 4. An ordinance alone is no 法令 of 69条1項: the bracket in 61条1項 counts ordinances for 61条, 66条2項3号・4号\n"
        "and 69条2項2号・3号 only. The demands for an area and an end are this house's.\n\n"
        + table(("basis", "根拠", "article", "to whom", "what must be recorded"), rows)
        + "\n## What is asked\n\n"
        + table(("fact", "日本語", "English"), demands)
        + "\n## Duties of those who receive the list or a plan\n\nNot read in the primary text.\n\n"
        + table(("災害対策基本法", "日本語", "English"), bases.DUTIES)
    )


PAGES: dict[str, Callable[[], str | None]] = {
    "settings.md": settings_page,
    "errors.md": errors_page,
    "cli.md": cli_page,
    "routes.md": routes_page,
    "permissions.md": permissions_page,
    "legal-bases.md": legal_bases_page,
}


def stale(docs: Path = DOCS) -> dict[str, str]:
    """Pages that are not as the program says, with their right text."""
    found = {}
    for name, page in PAGES.items():
        text = page()
        path = docs / name
        if text is not None and (not path.exists() or path.read_text() != text):
            found[name] = text
    return found


def main() -> int:
    """Writes the pages, or with --check says which are stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare")
    check = parser.parse_args().check
    found = stale()
    for name, text in found.items():
        if check:
            print(f"kairo: docs/{name} is not as the program says; run `make fix`", file=sys.stderr)
        else:
            (DOCS / name).write_text(text)
            print(f"wrote docs/{name}")
    return 1 if check and found else 0


if __name__ == "__main__":
    sys.exit(main())
