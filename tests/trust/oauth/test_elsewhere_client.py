"""Is what another provider says believed only where all of it holds, and is nothing asked that should not be?"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import pytest_asyncio
import yaml
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from kairo.trust.oauth.relying.client import Client, Refused
from kairo.trust.oauth.relying.providers import read_providers
from tests.trust.oauth.city import ISSUER, City
from tests.trust.oauth.elsewhere import Pretender, listening


@pytest_asyncio.fixture
async def pretender() -> AsyncIterator[Pretender]:
    found = Pretender()
    async with listening(found.answer) as port:
        found.stands_at(port)
        yield found


RSA = RSAKey.generate_key(2048, private=True, auto_kid=True)
EC = ECKey.generate_key("P-256", private=True, auto_kid=True)


def client_of(pretender: Pretender, tmp_path: Path, **more: Any) -> Client:
    (tmp_path / "secret").write_text(more.pop("secret", "hidden"))
    one = {
        "name": "p",
        "issuer": pretender.issuer,
        "client_id": "kairo",
        "secret_file": "secret",
        "networks": ["127.0.0.0/8"],
        **more,
    }
    (tmp_path / "p.yaml").write_text(yaml.safe_dump({"providers": [one]}))
    pretender.said.setdefault("/jwks_uri", KeySet([RSA, EC]).as_dict(private=False))
    return Client(read_providers(tmp_path / "p.yaml")["p"], f"{ISSUER}/sign-in/with/p/back")


def id_token(pretender: Pretender, now: int, key: Any = RSA, header: Any = None, **claims: Any) -> str:
    said = {"iss": pretender.issuer, "sub": "somebody", "aud": "kairo", "exp": now + 300, "iat": now, "nonce": "n", **claims}
    alg = "ES256" if key is EC else "RS256"
    return jwt.encode(
        header or {"alg": alg, "kid": key.kid}, {name: value for name, value in said.items() if value is not None}, key,
        algorithms=["RS256", "ES256", "HS256"],
    )  # fmt: skip


async def test_an_id_token_that_holds(pretender: Pretender, tmp_path: Path, town: City) -> None:
    now = town.kairo.clock()
    seconds = int(now.timestamp())
    client = client_of(pretender, tmp_path, aal={"gold": 2})
    for key in (RSA, EC):
        person = await client.checked(id_token(pretender, seconds, key, acr="gold"), "n", now)
        assert (person.issuer, person.subject, person.aal) == (pretender.issuer, "somebody", 2)
    assert (await client.checked(id_token(pretender, seconds, acr="other"), "n", now)).aal == 1
    skewed = id_token(pretender, seconds + 50, exp=seconds - 30)
    assert (await client.checked(skewed, "n", now)).subject == "somebody", "clocks are a minute apart"
    several = id_token(pretender, seconds, aud=["kairo", "other"], azp="kairo")
    assert (await client.checked(several, "n", now)).subject == "somebody"
    assert len([target for target, _, _ in pretender.asked if target == "/jwks_uri"]) == 1, "keys are kept"


async def test_id_tokens_that_do_not_hold(pretender: Pretender, tmp_path: Path, town: City) -> None:
    now = town.kairo.clock()
    seconds = int(now.timestamp())
    client = client_of(pretender, tmp_path)
    strange = RSAKey.generate_key(2048, {"kid": str(RSA.kid)}, private=True)
    good = id_token(pretender, seconds)
    wrong = {
        "another issuer": id_token(pretender, seconds, iss="https://evil.example"),
        "another audience": id_token(pretender, seconds, aud="other"),
        "several, and nobody says for whom": id_token(pretender, seconds, aud=["kairo", "other"]),
        "for somebody else": id_token(pretender, seconds, azp="other"),
        "over": id_token(pretender, seconds, exp=seconds - 90),
        "from the future": id_token(pretender, seconds, iat=seconds + 90),
        "another nonce": id_token(pretender, seconds, nonce="m"),
        "no nonce": id_token(pretender, seconds, nonce=None),
        "nobody": id_token(pretender, seconds, sub=""),
        "no subject": id_token(pretender, seconds, sub=None),
        "a number": id_token(pretender, seconds, sub=7),
        "no end": id_token(pretender, seconds, exp=None),
        "signed by another": id_token(pretender, seconds, strange),
        "cut": good[:-5],
        "alg none": "eyJhbGciOiJub25lIn0." + good.split(".")[1] + ".",
        "nothing": None,
        "no text": 7,
        "long": "x" * 30_000,
    }
    for what, token in wrong.items():
        with pytest.raises(Refused):
            await client.checked(token, "n", now)
            pytest.fail(what)


async def test_new_keys_are_found_when_they_are_used(
    pretender: Pretender, tmp_path: Path, town: City, monkeypatch: Any
) -> None:
    import kairo.trust.oauth.relying.client as module

    now = town.kairo.clock()
    client = client_of(pretender, tmp_path)
    fresh = RSAKey.generate_key(2048, private=True, auto_kid=True)
    token = id_token(pretender, int(now.timestamp()), fresh)
    with pytest.raises(Refused):
        await client.checked(token, "n", now)
    pretender.said["/jwks_uri"] = KeySet([RSA, fresh]).as_dict(private=False)
    with pytest.raises(Refused):
        await client.checked(token, "n", now)  # asked a moment ago: a stranger cannot make us ask at every try
    assert len([target for target, _, _ in pretender.asked if target == "/jwks_uri"]) == 1
    monkeypatch.setattr(module, "_ANEW_SECONDS", 0.0)
    assert (await client.checked(token, "n", now)).subject == "somebody"


async def test_a_signature_in_place_of_a_secret(pretender: Pretender, tmp_path: Path, town: City) -> None:
    now = town.kairo.clock()
    seconds = int(now.timestamp())
    key = ECKey.generate_key("P-256", private=True)
    client = client_of(pretender, tmp_path, authentication="private_key_jwt", secret=key.as_pem(private=True).decode())
    pretender.said["/token_endpoint"] = {"id_token": id_token(pretender, seconds)}
    assert (await client.person("code", "v" * 43, "n", now)).subject == "somebody"
    body = {name: values[0] for name, values in parse_qs(pretender.asked[-2][1].decode()).items()}
    claims = jwt.decode(body["client_assertion"], key, algorithms=["ES256"]).claims
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("kairo", "kairo", f"{pretender.issuer}/token_endpoint")
    assert body["code_verifier"] == "v" * 43


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://10.0.0.1/token"},
        {"token_endpoint": "file:///etc/passwd"},
        {"jwks_uri": None},
    ],
)
async def test_a_configuration_that_cannot_be(pretender: Pretender, tmp_path: Path, said: dict[str, Any]) -> None:
    from kairo.trust.oauth.relying.outgoing import NotHad

    client = client_of(pretender, tmp_path)
    pretender.said["/.well-known/openid-configuration"] |= said
    with pytest.raises(NotHad):
        await client.address("s", "n", "v" * 43)


async def test_no_private_address_is_asked(pretender: Pretender, tmp_path: Path) -> None:
    from kairo.trust.oauth.relying.outgoing import NotHad, asked

    client = client_of(pretender, tmp_path, networks=[])
    with pytest.raises(NotHad, match="private"):
        await client.address("s", "n", "v" * 43)
    assert pretender.asked == []
    for address in (
        "ftp://127.0.0.1/",
        "http://user@127.0.0.1/",
        "http://",
        "//x",
        "http://169.254.169.254/",
        "http://[::ffff:10.0.0.1]/",
    ):
        with pytest.raises(NotHad):
            await asked(address, client.provider.networks)


@pytest.mark.parametrize(
    "answer",
    [
        (302, {"Location": "https://evil.example/"}, b""),
        (500, {}, b"{}"),
        (200, {}, b"[]"),
        (200, {}, b"x"),
        (200, {}, b"x" * 600_000),
    ],
)
async def test_answers_that_are_none(pretender: Pretender, tmp_path: Path, answer: Any) -> None:
    from kairo.trust.oauth.relying.outgoing import NotHad

    client = client_of(pretender, tmp_path)
    pretender.said["/.well-known/openid-configuration"] = answer
    with pytest.raises(NotHad):
        await client.address("s", "n", "v" * 43)
    assert len(pretender.asked) == 1, "no redirect is followed"


GOOD = {"name": "a", "issuer": "https://a.example", "client_id": "k", "secret_file": "secret"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "providers: 7",
        "providers: [7]",
        yaml.safe_dump({"providers": [{**GOOD, "issuer": "http://a.example"}]}),
        yaml.safe_dump({"providers": [{**GOOD, "client_id": ""}]}),
        yaml.safe_dump({"providers": [{**GOOD, "preset": "unheard-of"}]}),
        yaml.safe_dump({"providers": [{**GOOD, "secret": "x"}]}),
        yaml.safe_dump({"providers": [{**GOOD, "secret_file": "missing"}]}),
        yaml.safe_dump({"providers": [{**GOOD, "authentication": "none"}]}),
        yaml.safe_dump({"providers": [{**GOOD, "name": "A b"}]}),
        yaml.safe_dump({"providers": [{**GOOD, "networks": ["x"]}]}),
        yaml.safe_dump({"providers": [GOOD, GOOD]}),
        "providers: [",
    ],
)
def test_a_file_of_providers_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    from kairo.errors import StartError

    (tmp_path / "secret").write_text("x")
    (tmp_path / "p.yaml").write_text(text)
    with pytest.raises(StartError):
        read_providers(tmp_path / "p.yaml")


@pytest.mark.parametrize("preset", ["digital-authentication-app", "keycloak", "kairo", ""])
def test_presets_fill_in_what_is_not_said(tmp_path: Path, preset: str) -> None:
    (tmp_path / "secret").write_text("hidden")
    (tmp_path / "p.yaml").write_text(yaml.safe_dump({"providers": [{**GOOD, "preset": preset}]}))
    found = read_providers(tmp_path / "p.yaml")["a"]
    assert found.issuer == "https://a.example"
    assert "openid" in found.scope.split()
    assert "hidden" not in repr(found)
    assert read_providers(None) == {}
