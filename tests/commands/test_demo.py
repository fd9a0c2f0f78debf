"""Does the demo load its facts once, move, and start again without loading?"""

from pathlib import Path

import pytest

from tests.commands.program import API, Program, wait_for

pytestmark = pytest.mark.slow


def test_the_demo_twice(alone: Path) -> None:
    program = Program(alone, command="demo")
    program.wait_until_ready()
    with program.client(administrator=False) as client:
        assert client.get("/ja/", headers={"Accept": "text/html"}).status_code == 200

        def count(type: str) -> int:
            answer = client.get(f"{API}/entities", params={"type": type, "count": "true", "limit": 0})
            return int(answer.headers.get("NGSILD-Results-Count", 0))

        assert count("District") == 21
        assert count("Project") == 14
        wait_for(lambda: count("Vehicle") == 10 and count("Sensor") >= 40, 60, program.said)
    assert "Facts of Yamaguchi:" in program.said()
    assert program.end() == 0
    program.start()
    program.wait_until_ready()
    assert program.said().count("Facts of Yamaguchi:") == 1, "a second start loads nothing"
    assert "Traceback" not in program.said()
    assert program.end() == 0
