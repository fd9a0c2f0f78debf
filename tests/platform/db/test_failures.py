"""Does each error of the database mean the right thing to who asked?"""

import asyncpg
import pytest

from kairo.errors import AlreadyExists, BadRequestData, KairoError, StorageFull, TooComplexQuery, Unavailable
from kairo.platform.db import as_kairo_error, mapped, outcome_is_unknown
from kairo.platform.db.failures import is_connection_error, outcome_unknown


def of(state: str, text: str = "") -> asyncpg.PostgresError:
    error: asyncpg.PostgresError = asyncpg.PostgresError.new({"C": state, "M": text, "S": "ERROR"})
    return error


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("53100", StorageFull),
        ("57014", TooComplexQuery),
        ("54001", TooComplexQuery),
        ("57P01", Unavailable),
        ("57P03", Unavailable),
        ("08006", Unavailable),
        ("53300", Unavailable),
        ("55P03", Unavailable),
        ("40001", Unavailable),
        ("40P01", Unavailable),
        ("25P03", Unavailable),
        ("25006", Unavailable),
        ("23505", AlreadyExists),
        ("23P01", AlreadyExists),
        ("22P05", BadRequestData),
        ("22003", BadRequestData),
        ("42501", KairoError),
        ("XX000", KairoError),
        ("99999", KairoError),
    ],
)
def test_by_sqlstate(state: str, kind: type[KairoError]) -> None:
    assert type(as_kairo_error(of(state))) is kind


def test_a_full_disk_under_other_codes() -> None:
    for state in ("58030", "XX000"):
        assert isinstance(as_kairo_error(of(state, "could not write: No space left on device")), StorageFull)


def test_connections() -> None:
    for error in (ConnectionResetError(), asyncpg.InterfaceError("connection is closed"), of("57P02"), of("08003")):
        assert is_connection_error(error)
        assert isinstance(as_kairo_error(error), Unavailable)
    assert not is_connection_error(asyncpg.InterfaceError("the server expects 2 arguments for this query, 1 was passed"))
    assert not is_connection_error(FileNotFoundError("a file of the caller"))


def test_others_pass_and_causes_stay() -> None:
    with pytest.raises(ZeroDivisionError), mapped():
        raise ZeroDivisionError
    with pytest.raises(StorageFull) as caught, mapped():
        raise of("53100")
    assert isinstance(caught.value.__cause__, asyncpg.PostgresError)
    with pytest.raises(BadRequestData), mapped():
        raise BadRequestData("x")


def test_outcome() -> None:
    assert outcome_is_unknown(outcome_unknown())
    assert not outcome_is_unknown(Unavailable("x"))
