"""What can be done from the command line? The commands, their options and what they print; the work stands in commands/."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from kairo import __version__
from kairo.commands.interruptions import importing, listen
from kairo.commands.options import Data, DatabaseUrl, HeadFile, Heads, Host, NewKey, Open, Port, Tenant
from kairo.commands.outcome import DONE, INTERRUPTED, WRONG_USAGE, outcome_of
from kairo.platform.observability.logs import configure
from kairo.settings import Settings, load_settings

app = typer.Typer(
    name="kairo",
    help="Kairo (回廊), an open urban OS: the data platform and the city services of a municipality in one program.",
    epilog="Settings are environment variables as well (docs/settings.md); options win over them. "
    "Exit codes: 0 done, 1 failed or refused, 2 wrong command line, 130 interrupted.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """A line for the person at the terminal."""
    out.print(text, markup=False)


def _settings(**given: Any) -> Settings:
    """The settings of this run. Commands say little: their log begins at warnings, `serve` sets its own."""
    settings = load_settings(**{name: value for name, value in given.items() if value is not False})
    configure(settings.log_format, "warning" if settings.log_level == "info" else settings.log_level)
    return settings


def _show_version(wanted: bool) -> None:
    if wanted:
        say(f"kairo {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def options(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Kairo (回廊), an open urban OS: the data platform and the city services of a municipality in one program."""
    if context.invoked_subcommand is None:
        say(context.get_help())
        raise typer.Exit(WRONG_USAGE)


@app.command()
def demo(
    host: Host = None, port: Port = None, data: Data = None, database_url: DatabaseUrl = None, open_: Open = False
) -> None:
    """Serve Yamaguchi with its facts and a synthetic world. Sensors and buses move every second, and say that they are made up."""
    with importing():
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
    role: Annotated[
        str | None, typer.Option(help="Run only web or only jobs, to spread them over machines.", metavar="web|jobs")
    ] = None,
) -> None:
    """Serve what is in the data folder or the database."""
    with importing():
        from kairo.commands.serve import ROLES
        from kairo.commands.serve import serve as run

    if role is not None and role not in ROLES:
        raise typer.BadParameter(f"{role!r} is neither of {', '.join(ROLES)}.", param_hint="--role")
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
    """Load the facts of Yamaguchi; twice does no harm. They lie in data/yamaguchi."""
    with importing():
        from kairo.commands.facts import load_facts
        from kairo.commands.installation import installation

    with installation(_settings(data=data, database_url=database_url)) as found:
        load_facts(found, out, only_if_changed=if_changed)


@app.command("import")
def import_(
    kind: Annotated[str, typer.Argument(help="What the files hold: shelters, boundaries or towns.")],
    files: Annotated[list[Path], typer.Argument(help="Files to import.", exists=True, dir_okay=False, readable=True)],
    tenant: Tenant = None,
    data: Data = None,
    database_url: DatabaseUrl = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; change nothing.")] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write the whole report to this file as JSON.", metavar="FILE", dir_okay=False)
    ] = None,
) -> None:
    """Import files of open data. Tells row by row what was repaired and refused; exit code 1 if a row was refused."""
    with importing():
        from kairo.commands.imports import check_kind, run_import
        from kairo.commands.installation import installation
        from kairo.commands.tenants import checked_code

    settings = _settings(data=data, database_url=database_url)
    check_kind(kind)
    code = checked_code(tenant or settings.tenant)
    with installation(settings) as found:
        refused = run_import(found, kind, files, code, out, dry_run=dry_run, report=report)
    if refused:
        raise typer.Exit(1)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="File to write; .jsonl (one entity a line) or .json (an array).")],
    tenant: Tenant = None,
    type: Annotated[str, typer.Option(help="Only these entity types, such as District,Place.", metavar="TYPES")] = "*",
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Export entities as NGSI-LD. Personal data are included: keep the file safe."""
    if file.suffix not in {".jsonl", ".json"}:
        raise typer.BadParameter(f"{file.name} ends with neither of .jsonl, .json.", param_hint="FILE")
    with importing():
        from kairo.commands.installation import installation
        from kairo.commands.tenants import checked_code

    settings = _settings(data=data, database_url=database_url)
    code = checked_code(tenant or settings.tenant)
    with installation(settings, must_exist=True) as found:
        with importing():
            from kairo.commands.exports import run_export

        run_export(found, file, code, type, out)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="File to write.")], data: Data = None, database_url: DatabaseUrl = None
) -> None:
    """Back up everything into one file, while the program runs."""
    with importing():
        from kairo.commands.backups import run_backup
        from kairo.commands.installation import installation

    with installation(_settings(data=data, database_url=database_url), must_exist=True) as found:
        run_backup(found, file, out)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `kairo backup` wrote.", exists=True, dir_okay=False, readable=True)],
    data: Data = None,
    database_url: DatabaseUrl = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace what is there. Without it, a database in use is left alone.")
    ] = False,
) -> None:
    """Restore a backup. The data folder or database is empty, or --replace is said. If it fails, all is as before."""
    with importing():
        from kairo.commands.restores import run_restore

    run_restore(_settings(data=data, database_url=database_url), file, out, replace=replace)


@app.command()
def doctor(host: Host = None, port: Port = None, data: Data = None, database_url: DatabaseUrl = None) -> None:
    """Check machine and database, and say what to mend. Changes nothing."""
    with importing():
        from kairo.commands.doctor import run_doctor

    if not run_doctor(_settings(host=host, port=port, data=data, database_url=database_url), out):
        raise typer.Exit(1)


@app.command("verify-log")
def verify_log(tenant: Tenant = None, head: Heads = None, data: Data = None, database_url: DatabaseUrl = None) -> None:
    """Verify the disclosure log. Computes its tree anew and names every row that was changed, taken out or put in."""
    with importing():
        from kairo.commands.disclosure import run_verification
    if not run_verification(_settings(data=data, database_url=database_url), tenant, head or (), out, err):
        raise typer.Exit(1)


@app.command("sign-log")
def sign_log(
    file: HeadFile = None, tenant: Tenant = None, data: Data = None, database_url: DatabaseUrl = None, new_key: NewKey = False
) -> None:
    """Sign the disclosure log as it is now. The program does so by itself every five minutes."""
    with importing():
        from kairo.commands.disclosure import run_signing
    run_signing(_settings(data=data, database_url=database_url), tenant, file, out, new_key=new_key)


@app.command()
def link(host: Host = None, port: Port = None, data: Data = None, database_url: DatabaseUrl = None) -> None:
    """Print a fresh one-time link for the administrator. It leads to the server that runs on the data folder, if one does."""
    with importing():
        from kairo.commands.installation import installation
        from kairo.commands.serve import new_link

    with installation(_settings(host=host, port=port, data=data, database_url=database_url), must_exist=True) as found:
        say(new_link(found))


@app.command()
def bench(
    json: Annotated[
        Path | None, typer.Option(help="Write the results to this file as JSON.", metavar="FILE", dir_okay=False)
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            help="Measure only this, or these with commas: retrieve, list_type_20, list_20, near_20, retrieve_granted, "
            "list_open, list_granted, list_few, history_week, aggregate_8760, aggregate_52560, create, create_placed, patch, "
            "upsert_20, upsert_1000, notify_1, notify_100, notify_10000, notify_1_of_10000, footprint.",
            metavar="NAME",
        ),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Few things and short rounds: whether it works, not how fast. Under three minutes.")
    ] = False,
    rounds: Annotated[int | None, typer.Option(help="Rounds of each cell (3).", min=1, max=100, metavar="NUMBER")] = None,
    seconds: Annotated[float | None, typer.Option(help="Length of a round (3).", min=0.1, max=600, metavar="SECONDS")] = None,
) -> None:
    """Measure speed and memory on this machine. From a checkout, on Linux; without options 45 minutes, and bench/results.md anew."""
    with importing():
        from kairo.commands.bench import run_bench

    run_bench(only or (), json, quick=quick, rounds=rounds, seconds=seconds)


@app.command("new-service")
def new_service(
    name: Annotated[str, typer.Argument(help="Name of the service's folder, such as mobility.")],
    folder: Annotated[Path, typer.Option(help="Folder of the services.", metavar="FOLDER", show_default=True)] = Path(
        "src/kairo/services"
    ),
) -> None:
    """Make the skeleton of a service, with its test. See docs/how-to-add-a-service.md."""
    with importing():
        from kairo.commands.new_service import make_service

    make_service(name, folder, out)


def _end(code: int) -> None:
    if code == INTERRUPTED:
        err.print("kairo: interrupted.", markup=False)
    sys.exit(code)


def main() -> None:
    """Entry point. What can be foreseen ends with one line and an honest exit code; commands/outcome.py says which."""
    listen()
    try:
        ended = app(standalone_mode=False, prog_name="kairo")  # an exit code, where a command raised Exit
        sys.stdout.flush()
        _end(ended if isinstance(ended, int) else DONE)
    except (typer.Abort, KeyboardInterrupt):
        _end(INTERRUPTED)
    except Exception as error:
        outcome = outcome_of(error)
        if outcome is None:
            raise
        if outcome.line:
            err.print(outcome.line, markup=False)
        sys.exit(outcome.code)


if __name__ == "__main__":
    main()
