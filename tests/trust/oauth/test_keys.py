"""Do signing keys change hands so that no partner is ever surprised, whatever the day, and however many workers there are?"""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from joserfc.jwk import RSAKey

import kairo.trust.oauth.keys as module
from kairo.errors import StartError
from kairo.trust.oauth.keys import AHEAD, BEHIND, SIGNS_FOR, Keys

BEGAN = datetime(2026, 4, 1, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small keys: how long they are is not what is tested here, and long ones take long to make."""
    monkeypatch.setattr(module, "_BITS", 2048)


class Time:
    """A clock in our hands."""

    def __init__(self) -> None:
        self.now = BEGAN

    def __call__(self) -> datetime:
        return self.now


async def test_every_signature_is_known_by_what_was_published_a_day_before(tmp_path: Path) -> None:
    """Day by day through a year: whoever reads the list, and keeps it for an hour, knows each signature until it is over."""
    clock = Time()
    keys = Keys(tmp_path / "oauth.keys", clock)
    published: dict[datetime, set[str]] = {}
    signed: list[tuple[datetime, str]] = []
    while clock.now < BEGAN + timedelta(days=200):
        ring = await keys.ring()
        published[clock.now] = {key["kid"] for key in ring.public()["keys"]}
        signed.append((clock.now, str(ring.signing(clock.now).kid)))
        clock.now += timedelta(hours=8)
    for at, kid in signed[1:]:
        for seen in (at - timedelta(hours=8), at, at + timedelta(hours=8)):
            assert kid in published.get(seen, {kid}), f"signed at {at}, not known at {seen}"
    assert len({kid for _, kid in signed}) == 3
    assert max(len(kids) for kids in published.values()) == 2
    assert len(published[max(published)]) == 1, "old keys go"


async def test_names_of_residents_stay_when_keys_change(tmp_path: Path) -> None:
    clock = Time()
    keys = Keys(tmp_path / "oauth.keys", clock)
    before = (await keys.ring()).subject("app", "resident:1")
    clock.now += SIGNS_FOR + AHEAD + BEHIND
    after = await keys.ring()
    assert len(after.keys) == 2
    assert after.subject("app", "resident:1") == before
    assert (
        len(
            {
                after.subject(*pair)
                for pair in (("app", "resident:1"), ("app", "resident:2"), ("b", "resident:1"), ("app\0", "x"))
            }
        )
        == 4
    )


def test_however_many_begin_there_is_one_ring(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as threads:
        rings = list(threads.map(lambda _: Keys(tmp_path / "oauth.keys", Time())._ring(), range(4)))
    assert len({ring.secret for ring in rings}) == 1
    assert len({ring.keys[0].key.kid for ring in rings}) == 1
    assert stat.S_IMODE((tmp_path / "oauth.keys").stat().st_mode) == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {"oauth.keys", "oauth.keys.lock"}


async def test_a_worker_sees_what_another_made(tmp_path: Path) -> None:
    clock = Time()
    one, two = Keys(tmp_path / "oauth.keys", clock), Keys(tmp_path / "oauth.keys", clock)
    await one.ring()
    await two.ring()
    clock.now += SIGNS_FOR
    assert (await one.ring()).public() == (await two.ring()).public()


async def test_what_is_published_holds_nothing_private(tmp_path: Path) -> None:
    ring = await Keys(tmp_path / "oauth.keys", Time()).ring()
    (key,) = ring.public()["keys"]
    assert set(key) == {"kty", "n", "e", "kid", "use", "alg"}
    assert not RSAKey.import_key(key).is_private
    assert ring.secret.hex() not in json.dumps(ring.public())


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"keys": [], "secret": ""}', '{"keys": [{"made_at": 1, "key": {}}], "secret": "00"}']
)
async def test_half_a_ring_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "oauth.keys").write_text(text)
    with pytest.raises(StartError, match="holds no keys"):
        await Keys(tmp_path / "oauth.keys", Time()).ring()
    assert (tmp_path / "oauth.keys").read_text() == text, "it is not replaced: partners would not know anybody again"
