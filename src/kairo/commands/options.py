"""Which options do several commands have? What they are called, and what `--help` says of them."""

from pathlib import Path
from typing import Annotated

import typer

Host = Annotated[str | None, typer.Option(help="Address to listen on (127.0.0.1: this machine only).", metavar="ADDRESS")]
Port = Annotated[int | None, typer.Option(help="Port to listen on (8080).", min=1, max=65535, metavar="NUMBER")]
Data = Annotated[
    Path | None, typer.Option(help="Data folder (.kairo): the embedded database, keys, the token.", metavar="FOLDER")
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(help="A PostgreSQL server (15 or later) instead of the embedded one: postgresql://…", metavar="URL"),
]
Tenant = Annotated[str | None, typer.Option(help="Municipality code (全国地方公共団体コード), such as 352039.", metavar="CODE")]
Open = Annotated[
    bool,
    typer.Option("--open", help="Let anyone read and write open and undeclared entities. Only on an address of this machine."),
]
Heads = Annotated[
    list[Path] | None,
    typer.Option(
        "--head", help="A signed head that was kept elsewhere; may be repeated.", metavar="FILE", exists=True, dir_okay=False
    ),
]
HeadFile = Annotated[Path | None, typer.Argument(help="File to write the signed head to; keep it elsewhere.", dir_okay=False)]
NewKey = Annotated[bool, typer.Option("--new-key", help="Sign by a new key from now on. Older keys are kept.")]
