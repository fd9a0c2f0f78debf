"""Does a database that cannot be used say why, whoever asks?"""

from types import SimpleNamespace
from typing import Any

import pytest

from kairo.errors import StartError
from kairo.platform.db import migrate, migrations
from kairo.platform.db.owner import connect_as_owner
from tests.conftest import with_database


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://nobody@127.0.0.1:1/x",
        "postgresql://nobody@127.0.0.1:port/x",
        "postgresql://nobody@no.such.host.invalid/x",
        "nonsense",
    ],
)
async def test_out_of_reach(url: str) -> None:
    with pytest.raises(StartError, match="cannot be reached") as caught:
        await connect_as_owner(url, name="kairo test")
    assert "KAIRO_DATABASE_URL" in caught.value.mend


async def test_a_database_that_is_not_there(postgres_url: str) -> None:
    with pytest.raises(StartError, match='"nowhere" does not exist'):
        await migrate(with_database(postgres_url, "nowhere"))


async def test_a_server_that_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    class Old:
        def get_server_version(self) -> Any:
            return SimpleNamespace(major=14)

        async def close(self, **_: float) -> None: ...

    async def connect(url: str, *, name: str) -> Old:
        return Old()

    monkeypatch.setattr(migrations, "connect_as_owner", connect)
    with pytest.raises(StartError, match="too old") as caught:
        await migrate("postgresql://x/y")
    assert "15 or later" in caught.value.mend
