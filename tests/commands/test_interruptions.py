"""A request to end reaches what runs in an event loop by cancelling it, wherever it came, and only when all is closed it is raised."""

import subprocess
import sys

import pytest

SCRIPT = """
import asyncio, os, signal, sys
from kairo.commands.interruptions import importing, listen, run

listen()
where, signum = sys.argv[1], int(sys.argv[2])
ask = lambda: os.kill(os.getpid(), signum)

async def beside():
    if where == "in a task beside":
        ask()
    await asyncio.sleep(0)

async def main():
    try:
        task = asyncio.create_task(beside())
        if where == "before it waits":
            ask()
        if where == "in a callback":
            asyncio.get_running_loop().call_soon(ask)
        if where == "while modules are imported":
            with importing():
                ask()
                print("imported", end=" ")
        await asyncio.sleep(20)
    finally:
        await asyncio.sleep(0.01)
        print("closed", end=" ", flush=True)

try:
    run(main())
except KeyboardInterrupt:
    print("interrupted")
except SystemExit as end:
    print("ended with", end.code)
"""


@pytest.mark.parametrize(("signum", "outcome"), [(2, "interrupted"), (15, "ended with 143")])
@pytest.mark.parametrize("where", ["before it waits", "in a task beside", "in a callback", "while modules are imported"])
def test_what_runs_is_closed_before_the_request_is_raised(where: str, signum: int, outcome: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, where, str(signum)], capture_output=True, text=True, timeout=60, check=False
    )
    said = "imported closed" if where == "while modules are imported" else "closed"
    assert (done.stdout, done.stderr) == (f"{said} {outcome}\n", "")
