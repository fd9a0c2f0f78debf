"""What can be done from the command line? The commands, their options and what they print; the work stands in commands/."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from kairo import __version__
from kairo.errors import KairoError
from kairo.settings import Settings, load_settings

app = typer.Typer(
    name="kairo",
    help="Kairo (回廊), an open urban OS: the data platform and the city services of a municipality in one program.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

Host = Annotated[str | None, typer.Option(help="Address to listen on (127.0.0.1).")]
Port = Annotated[int | None, typer.Option(help="Port to listen on (8080).", min=1, max=65535)]
Data = Annotated[Path | None, typer.Option(help="Data folder (.kairo).")]
DatabaseUrl = Annotated[str | None, typer.Option(help="A PostgreSQL server (15 or later) instead of the embedded one.")]
Tenant = Annotated[str | None, typer.Option(help="Municipality code (全国地方公共団体コード), such as 352039.")]
Open = Annotated[bool, typer.Option("--open", help="Let anyone read and write open and undeclared entities. Loopback only.")]


def say(text: str) -> None:
    """A line for the person at the terminal."""
    out.print(text, markup=False)


def _settings(**given: Any) -> Settings:
    return load_settings(**{name: value for name, value in given.items() if value is not False})


@app.callback(invoke_without_command=True)
def options(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    """Kairo (回廊), an open urban OS."""
    del context
    if version:
        say(f"kairo {__version__}")
        raise typer.Exit


@app.command()
def demo(
    host: Host = None, port: Port = None, data: Data = None, database_url: DatabaseUrl = None, open_: Open = False
) -> None:
    """Serve Yamaguchi with its facts and a synthetic world of sensors and buses."""
    from kairo.commands.serve import load_in_a_child
    from kairo.commands.serve import serve as run

    settings = _settings(host=host, port=port, data=data, database_url=database_url, open=open_, demo=True)
    run(settings, say=say, prepare=load_in_a_child)


@app.command()
def serve(
    host: Host = None,
    port: Port = None,
    data: Data = None,
    database_url: DatabaseUrl = None,
    open_: Open = False,
    role: Annotated[str | None, typer.Option(help="Run only web or only jobs, to spread them over machines.")] = None,
) -> None:
    """Serve what is in the data folder or the database."""
    from kairo.commands.serve import ROLES
    from kairo.commands.serve import serve as run

    if role is not None and role not in ROLES:
        raise typer.BadParameter(f"use one of {', '.join(ROLES)}", param_hint="--role")
    settings = _settings(host=host, port=port, data=data, database_url=database_url, open=open_)
    run(settings, roles=(role,) if role else ROLES, say=say, prepare=lambda _: None)


@app.command()
def load(
    data: Data = None,
    database_url: DatabaseUrl = None,
    if_changed: Annotated[
        bool, typer.Option("--if-changed", help="Do nothing where just these facts were loaded before.")
    ] = False,
) -> None:
    """Load the facts of Yamaguchi from data/yamaguchi; twice does no harm."""
    from kairo.commands.facts import load_facts
    from kairo.commands.installation import installation

    with installation(_settings(data=data, database_url=database_url)) as found:
        load_facts(found, out, only_if_changed=if_changed)


@app.command("import")
def import_(
    kind: Annotated[str, typer.Argument(help="shelters, boundaries or towns.")],
    files: Annotated[list[Path], typer.Argument(help="Files to import.", exists=True, dir_okay=False, readable=True)],
    tenant: Tenant = None,
    data: Data = None,
    database_url: DatabaseUrl = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; change nothing.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write the whole report to this file as JSON.")] = None,
) -> None:
    """Import open data files; reports row by row what was repaired and refused."""
    from kairo.commands.imports import run_import
    from kairo.commands.installation import installation

    settings = _settings(data=data, database_url=database_url)
    with installation(settings) as found:
        refused = run_import(found, kind, files, tenant or settings.tenant, out, dry_run=dry_run, report=report)
    if refused:
        raise typer.Exit(1)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="File to write; .jsonl (one entity a line) or .json (an array).")],
    tenant: Tenant = None,
    type: Annotated[str, typer.Option(help="Only these entity types (A,B).")] = "*",
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Export entities as NGSI-LD, personal data included: keep the file safe."""
    from kairo.commands.exports import run_export
    from kairo.commands.installation import installation

    settings = _settings(data=data, database_url=database_url)
    with installation(settings) as found:
        run_export(found, file, tenant or settings.tenant, type, out)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="File to write.")], data: Data = None, database_url: DatabaseUrl = None
) -> None:
    """Back up the whole database into one file, while the program runs."""
    from kairo.commands.backups import run_backup
    from kairo.commands.installation import installation

    with installation(_settings(data=data, database_url=database_url)) as found:
        run_backup(found, file, out)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `kairo backup` wrote.", exists=True, dir_okay=False)],
    data: Data = None,
    database_url: DatabaseUrl = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace what is there. Without it, a database in use is left alone.")
    ] = False,
) -> None:
    """Restore a backup into an empty data folder or database."""
    from kairo.commands.backups import run_restore

    run_restore(_settings(data=data, database_url=database_url), file, out, replace=replace)


@app.command()
def doctor(data: Data = None, database_url: DatabaseUrl = None) -> None:
    """Check this machine, the data folder and the database, and say what to mend."""
    from kairo.commands.doctor import run_doctor

    if not run_doctor(_settings(data=data, database_url=database_url), out):
        raise typer.Exit(1)


@app.command()
def link(data: Data = None, database_url: DatabaseUrl = None, port: Port = None) -> None:
    """Print a fresh one-time link for the local administrator of a running server."""
    from kairo.commands.installation import installation
    from kairo.commands.serve import new_link

    settings = _settings(data=data, database_url=database_url, port=port)
    with installation(settings) as found:
        say(new_link(found))


@app.command("new-service")
def new_service(
    name: Annotated[str, typer.Argument(help="Name of the service's folder, such as mobility.")],
    folder: Annotated[Path, typer.Option(help="Folder of the services.")] = Path("src/kairo/services"),
) -> None:
    """Make the skeleton of a service, with its test; see docs/how-to-add-a-service.md."""
    from kairo.commands.new_service import make_service

    make_service(name, folder, out)


def main() -> None:
    """Entry point: an error that we foresee is one line with the mend and exit code 1 (2 for a wrong command line)."""
    try:
        app(standalone_mode=False)
    except typer.Exit as ended:
        sys.exit(ended.exit_code)
    except typer.Abort:
        sys.exit(130)
    except KairoError as error:
        err.print(f"kairo: {error.detail or error.title}. {error.mend}", markup=False)
        sys.exit(1)
    except Exception as error:
        if hasattr(error, "format_message") and hasattr(error, "exit_code"):
            err.print(f"kairo: {error.format_message()} Run `kairo --help`.", markup=False)
            sys.exit(error.exit_code)
        raise


if __name__ == "__main__":
    main()
