"""Are codes, names, addresses and positions understood as written, and never guessed?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from kairo.capabilities.places import (
    Boundaries,
    by_code,
    by_name,
    check_digit,
    distance_m,
    in_japan,
    is_code,
    normalized_address,
    restore_code,
    with_check_digit,
)
from kairo.capabilities.places.municipalities import PREFECTURES, all_by_code

YAMAGUCHI = by_code("352039")


@pytest.mark.parametrize("code", ["352039", "352021", "325015", "011002", "131016", "092011", "473821", "012025"])
def test_real_codes_have_their_check_digit(code: str) -> None:
    assert is_code(code)
    assert check_digit(code[:5]) == code[5]
    assert restore_code(code) == (code, "")


def test_the_table_is_whole() -> None:
    table = all_by_code()
    assert len(PREFECTURES) == 47
    assert len(table) == 1912
    assert all(is_code(code) for code in table)
    assert {code[:2] for code in table} == {f"{number:02d}" for number in range(1, 48)}
    assert sum(place.name.endswith("市") for place in table.values()) == 792


@pytest.mark.parametrize(
    ("text", "code", "rule"),
    [
        ("35203", "352039", "check-digit-added"),
        ("92011", "092011", "leading-zero-added"),
        ("1202", "012025", "leading-zero-and-check-digit-added"),
        ("12025", "012025", "leading-zero-added"),
    ],
)
def test_lost_digits_come_back(text: str, code: str, rule: str) -> None:
    assert restore_code(text, all_by_code()) == (code, rule)


@pytest.mark.parametrize("text", ["352038", "482013", "000000", "", "35203x", "3520390", "352", "３５２０３９"])
def test_what_is_no_code_stays_none(text: str) -> None:
    assert restore_code(text, all_by_code()) is None


@given(st.from_regex(r"(?:0[1-9]|[1-3][0-9]|4[0-7])[0-9]{3}", fullmatch=True))
def test_restoring_twice_is_once(five: str) -> None:
    whole = with_check_digit(five)
    assert restore_code(whole) == (whole, "")
    found = restore_code(five, {whole})
    assert found is None or found.code in (whole, "0" + five)


def test_every_known_code_survives_a_spreadsheet() -> None:
    """Without its leading zero (and with or without the check digit) a known code comes back, or nothing does: never another."""
    table = all_by_code()
    for code in table:
        for lost in (code.lstrip("0"), code[:5], code[:5].lstrip("0")):
            found = restore_code(lost, table)
            assert found is None or found.code == code or found.code in table


@pytest.mark.parametrize("name", ["山口市", "山口県山口市", "山口県 山口市"])
def test_names_lead_to_codes(name: str) -> None:
    assert [place.code for place in by_name(name)] == ["352039"]


def test_names_that_several_have() -> None:
    assert {place.prefecture for place in by_name("府中市")} == {"東京都", "広島県"}
    assert [place.code for place in by_name("府中市", "広島県")] == ["342084"]
    assert [place.name for place in by_name("島根県鹿足郡津和野町")] == ["津和野町"]
    assert by_name("架空市") == []


@pytest.mark.parametrize(
    ("written", "normalized"),
    [
        ("山口県山口市架空１丁目２番３号", "山口県山口市架空1-2-3"),
        ("山口市架空一丁目２−３", "山口県山口市架空1-2-3"),
        ("架空1ー2ー3", "山口県山口市架空1-2-3"),
        ("架空二十三丁目1番地の2", "山口県山口市架空23-1-2"),
        ("山口県山口市　阿知須1639番地", "山口県山口市阿知須1639"),
        ("一の坂町5", "山口県山口市一の坂町5"),
        ("ニューメディアプラザ", "山口県山口市ニューメディアプラザ"),
        ("", ""),
    ],
)
def test_addresses_in_one_way_of_writing(written: str, normalized: str) -> None:
    assert normalized_address(written, YAMAGUCHI) == normalized


@given(st.text(st.one_of(st.characters(), st.sampled_from("山口県市一二十丁目番地の号１2-ー− ")), max_size=30))
def test_normalizing_twice_is_once(text: str) -> None:
    for place in (None, YAMAGUCHI):
        once = normalized_address(text, place)
        assert normalized_address(once, place) == once


def test_in_japan() -> None:
    assert in_japan(131.47, 34.17)
    assert in_japan(153.98, 24.29)
    assert not in_japan(34.17, 131.47)
    assert not in_japan(2.35, 48.85)


def test_metres() -> None:
    assert distance_m(131.47, 34.18, 139.69, 35.69) == pytest.approx(771_000, rel=0.02)
    outline = Boundaries({"352039": box(131.3, 34.1, 131.5, 34.3)})
    assert outline.metres_outside("352039", 131.4, 34.2) == 0
    assert outline.metres_outside("352039", 131.51, 34.2) == pytest.approx(919, rel=0.01)
    assert outline.metres_outside("352021", 131.4, 34.2) is None
