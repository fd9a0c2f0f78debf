"""Do the lines of the README's section on the API do what it says, typed as they stand there? With bash, curl and a real receiver."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.commands.program import Program, environment, free_port, wait_for
from tests.house.house import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed"),
]
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
STATUS = re.compile(r"HTTP/1\.1 ([0-9]{3})")  # bodies end without a line break


def test_both_readmes_show_the_same_lines() -> None:
    english, japanese = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.ja.md"))
    assert BLOCK.findall(english) == BLOCK.findall(japanese)


def test_a_partner_creates_queries_subscribes_and_looks_back(alone: Path) -> None:
    receiver, asking = BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    port = free_port()
    shown = alone.parent / "shown.txt"
    program = Program(alone, command="demo", variables={"KAIRO_NOTIFICATION_NETWORKS": "127.0.0.0/8"})
    program.wait_until_ready()
    with shown.open("wb") as out:
        second = subprocess.Popen(["bash", "-c", f"exec {_here(receiver, port)}"], env=environment(), stdout=out)
    try:
        (alone.parent / ".kairo").symlink_to(alone)
        script = _here(asking, port).replace("127.0.0.1:8080", f"127.0.0.1:{program.port}").replace("curl ", "curl -sS ")
        done = subprocess.run(
            ["bash", "-e", "-c", script],
            cwd=alone.parent,
            env={**environment(), "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert STATUS.findall(done.stdout) == ["201", "201", "204", "204"]
        assert '{"id": "urn:ngsi-ld:Bench:1", "type": "Bench", "seats": {"type": "Property", "value": 3}}' in done.stdout
        assert '"ja":"大殿"' in done.stdout
        assert done.stdout.count('"instanceId"') == 2
        wait_for(lambda: '"value":4' in shown.read_text(), 30, lambda: program.said() + shown.read_text())
    finally:
        second.kill()
        second.wait()


def _here(block: str, port: int) -> str:
    return block.strip().replace("9090", str(port))
