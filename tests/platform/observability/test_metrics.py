"""Do the figures of all processes add up, also when one was killed and another took its place?"""

import os
import subprocess
import sys
from pathlib import Path

COUNT = """
import os, signal, sys
from kairo.platform.observability import metrics
for _ in range(int(sys.argv[1])):
    metrics.CHANGES.inc()
if sys.argv[2] == "wait":
    print("counted", flush=True)
    sys.stdin.read()
elif sys.argv[2] == "die":
    os.kill(os.getpid(), signal.SIGKILL)
else:
    print(metrics.exposition().decode())
"""


def process(folder: Path, number: int, then: str) -> "subprocess.Popen[str]":
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder)}
    command = [sys.executable, "-c", COUNT, str(number), then]
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_counters_of_many_processes(tmp_path: Path) -> None:
    beside = process(tmp_path, 5, "wait")
    assert beside.stdout
    assert beside.stdout.readline() == "counted\n"
    for _ in range(3):
        process(tmp_path, 10, "die").communicate(timeout=60)
    shown, _ = process(tmp_path, 1, "show").communicate(timeout=60)
    beside.communicate(timeout=60)
    assert "kairo_changes_total 36.0" in shown
    assert len(list(tmp_path.glob("counter_*.db"))) == 2, "a place that was left is taken again: files do not pile up"


def test_one_process_needs_no_folder() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PROMETHEUS_MULTIPROC_DIR"}
    done = subprocess.run(
        [sys.executable, "-c", COUNT, "2", "show"], env=environment, capture_output=True, text=True, check=True
    )
    assert "kairo_changes_total 2.0" in done.stdout
