"""Do those who read their answer byte by byte hold up nobody else and leave room in memory, over real connections?"""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from kairo.settings import Settings
from tests.commands.program import API, Program, wait_for

READERS = int(os.environ.get("KAIRO_TEST_READERS", "20"))  # 1,000 by hand
ENTITIES, CHARACTERS = 600, 20_000  # an answer of 12 megabytes: more than sockets hold
LARGE = f"{API}/entities?type=Slow&limit={ENTITIES}"
OTHERS = 50
HELD_BYTES = Settings().max_held_bytes


def filled(program: Program) -> int:
    """The bytes of an answer that no socket holds, once it can be asked for."""
    text = {"type": "Property", "value": "x" * CHARACTERS}
    batch = [{"id": f"urn:ngsi-ld:Slow:{number}", "type": "Slow", "text": text} for number in range(ENTITIES)]
    with program.client() as client:
        assert client.post(f"{API}/entityOperations/upsert", json=batch).status_code in {201, 204}
        return len(client.get(LARGE).content)


@pytest.fixture
def large(running: Program) -> Iterator[int]:
    """The bytes of that answer, of the program that others use as well."""
    yield filled(running)
    with running.client() as client:
        client.post(f"{API}/entityOperations/delete", json=[f"urn:ngsi-ld:Slow:{number}" for number in range(ENTITIES)])


def slow_reader(program: Program, room: int = 4096) -> socket.socket:
    """A connection whose answer has begun and waits to be read."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    reader.settimeout(60)
    reader.connect(("127.0.0.1", program.port))
    reader.sendall(f"GET {LARGE} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert reader.recv(9) == b"HTTP/1.1 "
    return reader


def status_of(reader: socket.socket) -> int:
    return int(reader.recv(3))


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
        answered = [reader for reader in readers if status_of(reader) == 200]
        during = pss_bytes(running)
        took = []
        with running.client() as client:
            for number in range(OTHERS):
                began = time.perf_counter()
                one = {"id": "urn:ngsi-ld:Beside:1", "type": "Beside", "n": {"type": "Property", "value": number}}
                assert client.post(f"{API}/entityOperations/upsert", json=[one]).status_code in {201, 204}
                assert client.get(f"{API}/entities/{one['id']}").json()["n"]["value"] == number
                took.append(time.perf_counter() - began)
        each = (during - before) / len(answered)
        print(
            f"{len(answered)} of {READERS} readers of {large} bytes: {before / 2**20:.0f} MiB before, {during / 2**20:.0f} MiB"
            f" during ({each:.0f} bytes each); a write and a read beside them {sorted(took)[OTHERS // 2] * 1000:.1f} ms, at the most {max(took) * 1000:.1f} ms"
        )
        assert all(reader.recv(1) for reader in answered), "they still read"
        assert len(answered) == READERS or len(answered) * large > 0.9 * HELD_BYTES, "there is room for so many"
        assert each < 1.5 * large, "of each no more than its answer is kept"
        assert len(rest_of(answered[-1])) == large, "who reads on gets all of it"


def test_memory_is_bounded_and_who_reads_fast_finds_room_again(tmp_path: Path) -> None:
    held = 40_000_000
    program = Program(tmp_path / "data", ("--open",), {"KAIRO_MAX_HELD_BYTES": str(held), "KAIRO_READER_SECONDS": "60"})
    try:
        program.wait_until_ready()
        whole, before = filled(program), pss_bytes(program)
        with ExitStack() as stack, program.client() as client:
            readers = [stack.enter_context(slow_reader(program)) for _ in range(12)]
            assert [status_of(reader) for reader in readers] == [200] * 3 + [503] * 9
            assert pss_bytes(program) - before < 2 * held
            refused = client.get(LARGE)
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
            assert refused.json()["type"] == "urn:kairo:error:busy"
            assert client.get(f"{API}/entities?type=Slow&limit=1").status_code == 200, "short answers come"
            wait_for(lambda: client.get(LARGE).status_code == 200, 40)
            assert len(rest_of(readers[0])) == whole, "who began while there was room has longer"
    finally:
        program.end()


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
        whole = filled(program)
        with ExitStack() as stack:
            readers = [stack.enter_context(slow_reader(program)) for _ in range(5)]
            slowly = stack.enter_context(slow_reader(program, 1 << 18))
            assert connections(program) >= 6
            got = bytearray()
            until = time.monotonic() + 60
            while connections(program) > 1:  # asking takes long where thousands were closed lately
                assert time.monotonic() < until, "they are let go"
                for _ in range(8):
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
