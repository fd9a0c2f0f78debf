"""Do those who read their answer byte by byte hold up nobody else, over real connections?"""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.commands.program import API, Program

READERS = int(os.environ.get("KAIRO_TEST_READERS", "20"))  # 1,000 by hand
ENTITIES, CHARACTERS = 600, 20_000  # an answer of 12 megabytes: more than sockets hold
OTHERS = 50


@pytest.fixture
def large(running: Program) -> Iterator[int]:
    """The bytes of an answer that no socket holds."""
    text = {"type": "Property", "value": "x" * CHARACTERS}
    batch = [{"id": f"urn:ngsi-ld:Slow:{number}", "type": "Slow", "text": text} for number in range(ENTITIES)]
    with running.client() as client:
        assert client.post(f"{API}/entityOperations/upsert", json=batch).status_code in {201, 204}
        yield len(client.get(f"{API}/entities", params={"type": "Slow", "limit": str(ENTITIES)}).content)
        client.post(f"{API}/entityOperations/delete", json=[item["id"] for item in batch])


def slow_reader(program: Program, room: int = 4096) -> socket.socket:
    """A connection whose answer has begun and waits to be read."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    reader.settimeout(60)
    reader.connect(("127.0.0.1", program.port))
    reader.sendall(f"GET {API}/entities?type=Slow&limit={ENTITIES} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert reader.recv(9) == b"HTTP/1.1 "
    return reader


def rest_of(reader: socket.socket) -> bytes:
    parts = list(iter(lambda: reader.recv(1 << 16), b""))
    return b"".join(parts).partition(b"\r\n\r\n")[2]


def pss_bytes(program: Program) -> int:
    """The memory of the web workers."""
    texts = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid, name in program.processes().items() if "web_worker" in name]
    return sum(int(line.split()[1]) * 1024 for text in texts for line in text.splitlines() if line.startswith("Pss:"))


def test_slow_readers_hold_up_nobody(running: Program, large: int) -> None:
    before = pss_bytes(running)
    with ExitStack() as stack:
        readers = [stack.enter_context(slow_reader(running)) for _ in range(READERS)]
        for reader in readers:
            assert len(reader.recv(1)) == 1
        during = pss_bytes(running)
        took = []
        with running.client() as client:
            for number in range(OTHERS):
                began = time.perf_counter()
                one = {"id": "urn:ngsi-ld:Beside:1", "type": "Beside", "n": {"type": "Property", "value": number}}
                assert client.post(f"{API}/entityOperations/upsert", json=[one]).status_code in {201, 204}
                assert client.get(f"{API}/entities/{one['id']}").json()["n"]["value"] == number
                took.append(time.perf_counter() - began)
        each = (during - before) / READERS
        print(
            f"{READERS} readers of {large} bytes: {before / 2**20:.0f} MiB before, {during / 2**20:.0f} MiB during ({each:.0f} bytes"
            f" each); a write and a read beside them {sorted(took)[OTHERS // 2] * 1000:.1f} ms, at the most {max(took) * 1000:.1f} ms"
        )
        assert all(reader.recv(1) for reader in readers), "they still read"
        assert each < 1.5 * large, "of each no more than its answer is kept"
        assert len(rest_of(readers[-1])) == large, "who reads on gets all of it"


def connections(program: Program) -> int:
    """Connections of the web workers that are open at the program's end."""
    text = Path("/proc/net/tcp").read_text().splitlines()[1:]
    rows = [line.split() for line in text]
    return sum(row[1].endswith(f":{program.port:04X}") and row[3] == "01" for row in rows)


def test_who_does_not_read_on_is_let_go(tmp_path: Path) -> None:
    """Others go on: one who reads, however slowly, has all of it."""
    program = Program(tmp_path / "data", ("--open",), {"KAIRO_READER_SECONDS": "4"})
    try:
        program.wait_until_ready()
        text = {"type": "Property", "value": "x" * CHARACTERS}
        batch = [{"id": f"urn:ngsi-ld:Slow:{number}", "type": "Slow", "text": text} for number in range(ENTITIES)]
        with program.client() as client:
            assert client.post(f"{API}/entityOperations/upsert", json=batch).status_code in {201, 204}
            whole = len(client.get(f"{API}/entities", params={"type": "Slow", "limit": str(ENTITIES)}).content)
        with ExitStack() as stack:
            readers = [stack.enter_context(slow_reader(program)) for _ in range(5)]
            slowly = stack.enter_context(slow_reader(program, 1 << 18))
            assert connections(program) >= 6
            got = bytearray()
            until = time.monotonic() + 60
            while connections(program) > 1:
                assert time.monotonic() < until, "they are let go"
                got += slowly.recv(1 << 14)
                time.sleep(0.02)  # this is what slow means
            assert len(got) < whole, "it is still under way"
            got += b"".join(iter(lambda: slowly.recv(1 << 16), b""))
            assert len(got.partition(b"\r\n\r\n")[2]) == whole
            with pytest.raises(ConnectionResetError):
                rest_of(readers[0])
        assert "Traceback" not in program.said()
    finally:
        program.end()
