"""How are applications, their keys and what they were given kept? The SQL of this part; secrets only as digests."""

from collections.abc import Sequence
from dataclasses import astuple
from datetime import datetime, timedelta
from typing import Any, Protocol

from kairo.trust.oauth.records import Application, Authentication, Code, Connection, Key, State, Token

_APPLICATION = (
    "name, title, organisation, description, purpose, state, authentication, words, registered_by, registered_at, redirect_uris,"
    " logout_uris, jwks, decided_by, decided_at"
)
_KEY = "digest, id, application, label, words, made_by, made_at, expires_at, last_used_at"
_CODE = "digest, application, resident, redirect_uri, words, challenge, nonce, acr, signed_in_at, expires_at, used_at"
_TOKEN = "digest, kind, application, key_id, resident, family, words, made_at, expires_at, used_at"  # noqa: S105 - columns
_SHOWN = """
SELECT k.application, k.words, a.words AS most, k.digest AS touch, k.last_used_at FROM application_key k
JOIN application a ON a.tenant = k.tenant AND a.name = k.application
WHERE k.tenant = $1 AND k.digest = $2 AND (k.expires_at IS NULL OR k.expires_at > $3) AND a.state = 'approved'
UNION ALL
SELECT t.application, t.words, a.words AS most, NULL AS touch, NULL AS last_used_at FROM oauth_token t
JOIN application a ON a.tenant = t.tenant AND a.name = t.application
WHERE t.tenant = $1 AND t.digest = $2 AND t.kind = 'access' AND t.resident IS NULL AND t.expires_at > $3 AND a.state = 'approved'
"""
_STANDING = """
SELECT a.words FROM application a WHERE a.tenant = $1 AND a.name = $2 AND a.state = 'approved' AND (a.jwks <> '' OR EXISTS (
    SELECT FROM application_key k
    WHERE k.tenant = $1 AND k.application = a.name AND (k.expires_at IS NULL OR k.expires_at > $3)
))
"""
_CONNECT = """
INSERT INTO oauth_connection AS c (tenant, resident, application, words, since, last_at) VALUES ($1, $2, $3, $4, $5, $5)
ON CONFLICT (tenant, resident, application) DO UPDATE SET words = excluded.words, last_at = excluded.last_at
"""
_CONNECTIONS = """
SELECT c.resident, c.application, c.words, c.since, c.last_at, a.title, a.organisation FROM oauth_connection c
JOIN application a ON a.tenant = c.tenant AND a.name = c.application
WHERE c.tenant = $1 AND c.resident = $2 ORDER BY c.last_at DESC, c.application
"""
_ENDED = tuple(
    f"DELETE FROM {table} WHERE tenant = $1 AND {column} < $2"
    for table, column in (("oauth_code", "expires_at"), ("oauth_token", "expires_at"), ("oauth_seen", "until"))
)


class Reading(Protocol):
    """The part of the database that runs one reading statement."""

    async def fetchrow(self, tenant: str, statement: str, *arguments: Any) -> Any: ...


# Applications and their keys


async def register(connection: Any, tenant: str, one: Application) -> bool:
    """Keeps a new application; False where its name is taken."""
    statement = (
        f"INSERT INTO application (tenant, {_APPLICATION})"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT (tenant, name) DO NOTHING"
    )
    return bool(await connection.execute(statement, tenant, *astuple(one)) == "INSERT 0 1")


async def application(connection: Any, tenant: str, name: str, *, lock: bool = False) -> Application | None:
    """The application of this name. `lock`: until the end of the unit."""
    end = " FOR UPDATE" if lock else ""
    row = await connection.fetchrow(
        f"SELECT {_APPLICATION} FROM application WHERE tenant = $1 AND name = $2{end}", tenant, name
    )
    return _application(row) if row else None


async def applications(connection: Any, tenant: str, *, limit: int, offset: int) -> list[Application]:
    """Applications, those that wait for a decision first."""
    statement = (
        f"SELECT {_APPLICATION} FROM application WHERE tenant = $1"
        " ORDER BY CASE state WHEN 'requested' THEN 0 WHEN 'approved' THEN 1 ELSE 2 END, name LIMIT $2 OFFSET $3"
    )
    return [_application(row) for row in await connection.fetch(statement, tenant, limit, offset)]


async def decide(connection: Any, tenant: str, name: str, state: State, by: str, now: datetime) -> None:
    """The application stands elsewhere from now on."""
    await connection.execute(
        "UPDATE application SET state = $3, decided_by = $4, decided_at = $5 WHERE tenant = $1 AND name = $2",
        tenant, name, state, by, now,
    )  # fmt: skip


async def add_key(connection: Any, tenant: str, key: Key) -> None:
    """Keeps a new key."""
    statement = f"INSERT INTO application_key (tenant, {_KEY}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    await connection.execute(statement, tenant, *astuple(key))


async def keys(connection: Any, tenant: str, name: str) -> list[Key]:
    """The keys of an application, the newest first."""
    statement = f"SELECT {_KEY} FROM application_key WHERE tenant = $1 AND application = $2 ORDER BY made_at DESC, id"
    return [_row(Key, row) for row in await connection.fetch(statement, tenant, name)]


async def end_key(connection: Any, tenant: str, name: str, id: str) -> bool:
    """Forgets a key, and the tokens that were got by it; False where there is none."""
    done = await connection.execute(
        "DELETE FROM application_key WHERE tenant = $1 AND application = $2 AND id = $3", tenant, name, id
    )
    await connection.execute("DELETE FROM oauth_token WHERE tenant = $1 AND application = $2 AND key_id = $3", tenant, name, id)
    return bool(done != "DELETE 0")


async def touch_key(connection: Any, tenant: str, digest: str, now: datetime) -> None:
    """The key was used."""
    await connection.execute(
        "UPDATE application_key SET last_used_at = $3 WHERE tenant = $1 AND digest = $2", tenant, digest, now
    )


async def shown(database: Reading, tenant: str, digest: str, now: datetime) -> Any:
    """Whose key, or access token of its own, this is, with its words and the application's (`most`); None where it does not hold."""
    return await database.fetchrow(tenant, _SHOWN, tenant, digest, now)


async def standing(database: Reading, tenant: str, name: str, now: datetime) -> Sequence[str] | None:
    """The words of an approved application that can still show itself; else None."""
    row = await database.fetchrow(tenant, _STANDING, tenant, name, now)
    return row["words"] if row else None


# Codes and tokens


async def add_code(connection: Any, tenant: str, code: Code) -> None:
    """Keeps a new code."""
    statement = f"INSERT INTO oauth_code (tenant, {_CODE}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
    await connection.execute(statement, tenant, *astuple(code))


async def code(connection: Any, tenant: str, digest: str) -> Code | None:
    """The code, locked until the end of the unit: who comes second finds it used."""
    row = await connection.fetchrow(
        f"SELECT {_CODE} FROM oauth_code WHERE tenant = $1 AND digest = $2 FOR UPDATE", tenant, digest
    )
    return _row(Code, row) if row else None


async def use_code(connection: Any, tenant: str, digest: str, now: datetime) -> None:
    """The code is used up."""
    await connection.execute("UPDATE oauth_code SET used_at = $3 WHERE tenant = $1 AND digest = $2", tenant, digest, now)


async def add_token(connection: Any, tenant: str, token: Token) -> None:
    """Keeps a new token."""
    statement = f"INSERT INTO oauth_token (tenant, {_TOKEN}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
    await connection.execute(statement, tenant, *astuple(token))


async def token(connection: Any, tenant: str, digest: str) -> Token | None:
    """The token, locked until the end of the unit."""
    row = await connection.fetchrow(
        f"SELECT {_TOKEN} FROM oauth_token WHERE tenant = $1 AND digest = $2 FOR UPDATE", tenant, digest
    )
    return _row(Token, row) if row else None


async def token_of_person(database: Reading, tenant: str, digest: str, now: datetime) -> Token | None:
    """An access token that holds now and was given for a resident, of an application that is approved."""
    statement = (
        f"SELECT {', '.join(f't.{name}' for name in _TOKEN.split(', '))} FROM oauth_token t"
        " JOIN application a ON a.tenant = t.tenant AND a.name = t.application WHERE t.tenant = $1 AND t.digest = $2"
        " AND t.kind = 'access' AND t.resident IS NOT NULL AND t.expires_at > $3 AND a.state = 'approved'"
    )
    row = await database.fetchrow(tenant, statement, tenant, digest, now)
    return _row(Token, row) if row else None


async def use_token(connection: Any, tenant: str, digest: str, now: datetime) -> None:
    """The refresh token is used up; a second use will show that it was stolen."""
    await connection.execute("UPDATE oauth_token SET used_at = $3 WHERE tenant = $1 AND digest = $2", tenant, digest, now)


async def end_token(connection: Any, tenant: str, digest: str) -> None:
    """One token holds no more."""
    await connection.execute("DELETE FROM oauth_token WHERE tenant = $1 AND digest = $2", tenant, digest)


async def end_family(connection: Any, tenant: str, family: str) -> None:
    """Nothing that goes back to this code or token holds any more."""
    await connection.execute("DELETE FROM oauth_token WHERE tenant = $1 AND family = $2", tenant, family)


async def end_tokens(connection: Any, tenant: str, name: str, resident: str | None = None) -> None:
    """No token of this application holds any more, nor a code; of a resident where one is named."""
    for table in ("oauth_token", "oauth_code"):
        await connection.execute(
            f"DELETE FROM {table} WHERE tenant = $1 AND application = $2 AND ($3::text IS NULL OR resident = $3)",
            tenant, name, resident,
        )  # fmt: skip


async def end_tokens_of(connection: Any, tenant: str, resident: str) -> None:
    """No token or code that a resident's sign-in gave holds any more."""
    for table in ("oauth_token", "oauth_code"):
        await connection.execute(f"DELETE FROM {table} WHERE tenant = $1 AND resident = $2", tenant, resident)


async def see_once(connection: Any, tenant: str, digest: str, until: datetime) -> bool:
    """Whether a statement that is good once is seen for the first time."""
    done = await connection.execute(
        "INSERT INTO oauth_seen (tenant, digest, until) VALUES ($1, $2, $3) ON CONFLICT (tenant, digest) DO NOTHING",
        tenant, digest, until,
    )  # fmt: skip
    return bool(done == "INSERT 0 1")


async def forget_ended(connection: Any, tenant: str, now: datetime) -> None:
    """Forgets what ended a day ago; until then a second use of a code or refresh token is still known for what it is."""
    for statement in _ENDED:
        await connection.execute(statement, tenant, now - timedelta(days=1))


# Residents


async def connect(connection: Any, tenant: str, resident: str, name: str, words: Sequence[str], now: datetime) -> None:
    """A resident signed in to an application, and lets it ask for this."""
    await connection.execute(_CONNECT, tenant, resident, name, list(words), now)


async def asked_before(connection: Any, tenant: str, resident: str, name: str) -> frozenset[str]:
    """The words that an application has asked a resident for; none where they never signed in to it."""
    words = await connection.fetchval(
        "SELECT words FROM oauth_connection WHERE tenant = $1 AND resident = $2 AND application = $3", tenant, resident, name
    )
    return frozenset(words or ())


async def connections(connection: Any, tenant: str, resident: str) -> list[Connection]:
    """The applications that a resident signed in to, the last one first."""
    return [_row(Connection, row) for row in await connection.fetch(_CONNECTIONS, tenant, resident)]


async def disconnect(connection: Any, tenant: str, resident: str, name: str) -> bool:
    """Forgets that a resident signed in to an application; False where they had not."""
    done = await connection.execute(
        "DELETE FROM oauth_connection WHERE tenant = $1 AND resident = $2 AND application = $3", tenant, resident, name
    )
    return bool(done == "DELETE 1")


def _application(row: Any) -> Application:
    found = {**row, "state": State(row["state"]), "authentication": Authentication(row["authentication"])}
    return _row(Application, found)  # type: ignore[no-any-return]


def _row(kind: Any, row: Any) -> Any:
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in row.items()})
