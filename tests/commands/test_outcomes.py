"""Does what can be foreseen end in one line, and does a file appear whole or not at all?"""

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kairo.commands.addresses import address, is_loopback, publish_address, published_address, withdraw_address
from kairo.commands.outcome import FAILED, outcome_of
from kairo.commands.partial_files import written_beside
from kairo.commands.tenants import checked_code
from kairo.commands.worker_environment import worker_environment
from kairo.errors import KairoError, StartError
from kairo.settings import Settings, load_settings
from tests.commands.program import Program, kairo, refusal


def test_lines_are_one_line() -> None:
    outcome = outcome_of(StartError("it\nfailed.", mend="Do\n  this."))
    assert outcome
    assert (outcome.code, outcome.line) == (FAILED, "kairo: it failed. Do this.")
    full = outcome_of(OSError(errno.ENOSPC, "No space left on device", "/x/y"))
    assert full
    assert full.line.startswith("kairo: /x/y: No space left on device. The disk is full")
    broken = outcome_of(BrokenPipeError(errno.EPIPE, "Broken pipe"))
    assert broken
    assert not broken.line
    assert outcome_of(ZeroDivisionError()) is None, "what nobody foresaw keeps its traceback"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(errno.ENOSPC, "full"), SystemExit(143)])
def test_a_file_is_whole_or_as_it_was(tmp_path: Path, error: BaseException) -> None:
    file = tmp_path / "x"
    file.write_text("before")
    with pytest.raises(type(error)), written_beside(file) as partial:
        partial.write_text("half")
        raise error
    assert file.read_text() == "before"
    with written_beside(file) as partial:
        partial.write_text("after")
        assert partial.stat().st_mode & 0o777 == 0o600
    assert file.read_text() == "after"
    assert list(tmp_path.iterdir()) == [file]


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 kB, where we may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", folder], check=False)


def test_a_full_disk(running: Program, tiny_disk: Path) -> None:
    with running.client() as client:
        for block in range(4):
            noise = [
                {
                    "id": f"urn:ngsi-ld:Noise:{block}-{n}",
                    "type": "Noise",
                    "v": {"type": "Property", "value": os.urandom(2000).hex()},
                }
                for n in range(50)
            ]
            assert client.post("/ngsi-ld/v1/entityOperations/upsert", json=noise).status_code in {201, 204}
    for command, file in (("export", "x.jsonl"), ("backup", "x.backup")):
        said = refusal(kairo(command, tiny_disk / file, "--data", running.data))
        assert "No space left on device" in said
        assert "free space there" in said.lower()
        assert not list(tiny_disk.iterdir())


def test_settings_reach_the_workers_also_where_the_environment_says_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kairo.commands.installation import Installation

    monkeypatch.setenv("KAIRO_PORT", "9000")
    settings = load_settings(port=8080, data=tmp_path, trusted_proxies=("10.0.0.0/8", "::1"))
    values = worker_environment(Installation(settings, "postgresql:///x", None))
    assert values["KAIRO_PORT"] == "8080"
    for name in values:
        if name.startswith("KAIRO_"):
            monkeypatch.setenv(name, values[name])
    again = load_settings()
    assert again.trusted_proxies == ("10.0.0.0/8", "::1")
    assert (again.port, again.database_url, again.open) == (8080, "postgresql:///x", False)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PORT", "0", "from 1 to 65535"), ("PORT", "８０", "whole number"), ("DATA", "", "name a folder"), ("OPEN", "maybe", "true or false"),
        ("LOG_FORMAT", "xml", "text or json"), ("PUBLIC_URL", "city.example.jp", "https://"), ("TRUSTED_PROXIES", "10.0.0.0/99", "no IP address"),
        ("JOB_WORKERS", "-1", "whole number"), ("MAX_BODY_BYTES", "16m", "whole number"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named(name: str, value: str, says: str) -> None:
    with pytest.raises(StartError) as caught:
        load_settings({f"KAIRO_{name}": value})
    assert says in caught.value.detail
    assert f"KAIRO_{name}" in caught.value.detail


def test_tenants() -> None:
    assert [checked_code(name) for name in ("352039", "350001", "region_7", "sandbox")] == [
        "352039",
        "350001",
        "region_7",
        "sandbox",
    ]
    for wrong in ("352038", "35203", "3520391", "000000", "a-b"):
        with pytest.raises(KairoError):
            checked_code(wrong)


@pytest.mark.parametrize(
    ("host", "expected", "loopback"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080", True), ("127.9.9.9", "http://127.9.9.9:8080", True), ("localhost", "http://localhost:8080", True),
        ("::1", "http://[::1]:8080", True), ("0.0.0.0", "http://127.0.0.1:8080", False), ("::", "http://[::1]:8080", False),
        ("192.0.2.7", "http://192.0.2.7:8080", False), ("2001:db8::7", "http://[2001:db8::7]:8080", False), ("city.example.jp", "http://city.example.jp:8080", False),
    ],
)  # fmt: skip
def test_addresses(host: str, expected: str, loopback: bool) -> None:
    assert address(Settings(host=host)) == expected
    assert is_loopback(host) is loopback


def test_the_address_of_a_running_program(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, port=9123)
    assert published_address(settings) is None
    publish_address(settings)
    assert published_address(Settings(data=tmp_path)) == "http://127.0.0.1:9123"
    (tmp_path / "serving.json").write_text((tmp_path / "serving.json").read_text().replace(str(os.getpid()), "4194304"))
    assert published_address(settings) is None, "its program is gone"
    withdraw_address(settings)
    assert (tmp_path / "serving.json").exists(), "not ours to take back"
