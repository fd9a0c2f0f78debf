"""Are the administrator's secrets made once, kept from others, and never half believed?"""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kairo.errors import StartError
from kairo.platform.clock import system_clock
from kairo.platform.db import Database
from kairo.trust.identity import LOCAL_ADMINISTRATOR, Credentials, store
from kairo.trust.identity.credentials import _kept_secret
from kairo.trust.identity.digests import digest_of


def test_the_token_is_made_once_by_however_many(tmp_path: Path) -> None:
    path = tmp_path / "admin.token"
    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(lambda _: _kept_secret(path), range(32)))
    assert found == {path.read_text().strip()}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", ["", "\n", "half", "not a token!" * 4])
def test_half_a_token_is_no_token(tmp_path: Path, content: str) -> None:
    (tmp_path / "admin.token").write_text(content)
    with pytest.raises(StartError, match="holds no token"):
        _kept_secret(tmp_path / "admin.token")


async def test_nobody_is_not_the_administrator(database: Database) -> None:
    credentials = Credentials(database, "352039", system_clock)
    async with database.unit("352039") as unit:  # as an older version did when the file was empty
        await store.insert(unit.connection, "352039", digest_of(""), "token", LOCAL_ADMINISTRATOR.id, system_clock(), None)
    for secret in ("", " ", "x", "x" * 43, "\0" * 43, "x" * 5000):
        assert await credentials.who(secret, "token") is None
        assert await credentials.enter(secret) is None


async def test_a_link_works_once_and_leaving_ends_the_session_at_once(database: Database) -> None:
    credentials = Credentials(database, "352039", system_clock)
    link = await credentials.new_link()
    session = await credentials.enter(link)
    assert session
    assert await credentials.enter(link) is None
    assert await credentials.who(session, "session") == LOCAL_ADMINISTRATOR
    assert await credentials.who(session, "token") is None, "a session is no token"
    await credentials.leave(session)
    assert await credentials.who(session, "session") is None
