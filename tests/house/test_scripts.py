"""Does setting up say what to do when something is missing, and do nothing when nothing changed?"""

import os
import re
import subprocess
from pathlib import Path

import pytest

from scripts import environment
from tests.house.house import ROOT


def find_python(folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Runs the search with nothing but `folder` on PATH."""
    sh = Path("/bin/sh")
    return subprocess.run(
        [sh, ROOT / "scripts" / "find_python.sh"],
        env={"PATH": str(folder), **environ},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder for PATH that holds `uname` and nothing else."""
    (tmp_path / "uname").write_text("#!/bin/sh\necho Linux\n")
    (tmp_path / "uname").chmod(0o755)
    return tmp_path


def fake_python(folder: Path, name: str, *, new_enough: bool, with_venv: bool) -> Path:
    """A program that answers the two questions of the search as it is told."""
    program = folder / name
    program.write_text(
        f'#!/bin/sh\ncase "$2" in *version_info*) exit {int(not new_enough)};; *ensurepip*) exit {int(not with_venv)};; esac\n'
    )
    program.chmod(0o755)
    return program


def test_without_python_it_says_what_to_install(programs: Path) -> None:
    done = find_python(programs)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "apt install python3" in done.stderr


def test_an_old_python_is_passed_over(programs: Path) -> None:
    fake_python(programs, "python3", new_enough=False, with_venv=True)
    assert find_python(programs).returncode == 1
    newer = fake_python(programs, "python3.12", new_enough=True, with_venv=True)
    assert find_python(programs).stdout.strip() == str(newer)


def test_without_venv_it_names_the_package(programs: Path) -> None:
    fake_python(programs, "python3", new_enough=True, with_venv=False)
    done = find_python(programs)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "apt install python3-venv" in done.stderr


def test_a_chosen_python_comes_first(programs: Path) -> None:
    fake_python(programs, "python3", new_enough=True, with_venv=True)
    mine = fake_python(programs, "mine", new_enough=True, with_venv=True)
    assert find_python(programs, PYTHON=str(mine)).stdout.strip() == str(mine)


def test_the_environment_follows_the_locks(tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    project.write_text("[project]\nversion = '1'\n")
    (tmp_path / "lock.txt").write_text("a")

    def digest() -> str:
        return environment.digest_of(["lock.txt"], root=tmp_path)

    first = digest()
    project.write_text("[project]\nversion = '1'\n[tool.ruff]\n")
    assert digest() == first, "settings of the tools change nothing that is installed"
    project.write_text("[project]\nversion = '2'\n")
    second = digest()
    (tmp_path / "lock.txt").write_text("b")
    assert len({first, second, digest()}) == 3


def test_setting_up_twice_does_nothing_the_second_time() -> None:
    if not environment.is_fresh("dev"):
        pytest.fail("the environment is not as the locks say; run the tests by `make test`")
    done = subprocess.run(["make", "-C", str(ROOT), "setup"], capture_output=True, text=True, check=True, env=os.environ)
    assert "Installing" not in done.stdout


def test_help_lists_the_commands() -> None:
    done = subprocess.run(["make", "-C", str(ROOT), "--no-print-directory"], capture_output=True, text=True, check=True)
    listed = set(re.findall(r"(?m)^  make (\w+)", done.stdout))
    assert listed >= {"run", "setup", "test", "check", "fix", "bench", "bundle", "lock", "clean", "help"}
