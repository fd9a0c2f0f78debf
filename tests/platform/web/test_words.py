"""Does every language have every word, do readings become ruby, and are numbers and dates written as one reads them?"""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kairo.platform.i18n import (
    LANGUAGES,
    Catalogue,
    MissingMessage,
    negotiate,
    pick,
    split_language,
    strip_readings,
    with_language,
    with_ruby,
)
from kairo.platform.web import Kit
from kairo.platform.web import filters as f

NOON = datetime(2026, 11, 22, 15, 5, tzinfo=UTC)


def test_the_kit_has_all_words_in_all_languages(kit: Kit) -> None:
    assert kit.catalogue.gaps() == {}
    assert kit.catalogue.value_gaps() == []


def test_easy_japanese_gives_readings_to_its_kanji(kit: Kit) -> None:
    easy = [str(kit.catalogue.translate("ja-x-easy", key).__html__()) for key in ("kit.form.errors", "kit.map.failed")]
    assert all("<ruby>" in text for text in easy)


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    (tmp_path / "ja.yaml").write_text(
        "a: 日本語だけ\nn: {other: '{count}件'}\nv: '{name}さんの避難所《ひなんじょ》'\n", "utf-8"
    )
    (tmp_path / "en.yaml").write_text("n: {one: '{count} thing', other: '{count} things'}\nv: 'Shelter of {name}'\n", "utf-8")
    made = Catalogue(strict=True)
    made.add("x", tmp_path)
    return made


def test_languages_fall_back_and_say_so(catalogue: Catalogue) -> None:
    english = catalogue.translate("en", "x.a")
    assert english == "日本語だけ"
    assert english.__html__() == '<span lang="ja">日本語だけ</span>'
    assert catalogue.translate("ja-x-easy", "x.a").__html__() == "日本語だけ"
    assert catalogue.gaps("x.") == {"ja-x-easy": ["x.a", "x.n.other", "x.v"], "en": ["x.a"]}


def test_one_and_many(catalogue: Catalogue) -> None:
    assert [str(catalogue.translate("en", "x.n", count=n)) for n in (0, 1, 2)] == ["0 things", "1 thing", "2 things"]
    assert catalogue.translate("ja", "x.n", count=1) == "1件"


def test_missing_words_and_values_are_errors(catalogue: Catalogue) -> None:
    with pytest.raises(MissingMessage):
        catalogue.translate("ja", "x.none")
    with pytest.raises(MissingMessage):
        catalogue.translate("ja", "x.v")


def test_values_are_text_whatever_they_hold(catalogue: Catalogue) -> None:
    said = catalogue.translate("ja", "x.v", name="<b>山《やま》&")
    assert said == "<b>山《やま》&さんの避難所"
    assert said.__html__() == "&lt;b&gt;山《やま》&amp;さんの<ruby>避難所<rp>（</rp><rt>ひなんじょ</rt><rp>）</rp></ruby>"


def test_readings_belong_to_the_kanji_before_them() -> None:
    assert strip_readings("｜お子さん《こども》の学校《がっこう》") == "お子さんの学校"
    assert with_ruby("行《い》く") == "<ruby>行<rp>（</rp><rt>い</rt><rp>）</rp></ruby>く"
    assert with_ruby("《本》<i>") == "《本》&lt;i&gt;"


@pytest.mark.parametrize(
    ("header", "cookie", "language"),
    [
        ("", "", "ja"),
        ("ja-JP,en;q=0.8", "", "ja"),
        ("en-GB,ja;q=0.5", "", "en"),
        ("ja;q=0.3,en;q=0.9", "", "en"),
        ("ja-x-easy", "", "ja-x-easy"),
        ("pt-BR", "", "en"),
        ("*", "", "ja"),
        ("en", "ja-x-easy", "ja-x-easy"),
        ("en", "tlh", "en"),
        ("en;q=x,,;;", "", "ja"),
    ],
)
def test_negotiation(header: str, cookie: str, language: str) -> None:
    assert negotiate(header, cookie) == language


def test_addresses_carry_the_language() -> None:
    for language in LANGUAGES:
        assert split_language(with_language("/buses?stop=3", language)) == (language, "/buses?stop=3")
        assert with_language(with_language("/a", "en"), language) == f"/{language}/a"
    assert split_language("/english") == (None, "/english")
    assert with_language("//elsewhere/x", "en") == "//elsewhere/x"
    assert with_language("mailto:a@b", "en") == "mailto:a@b"


def test_pick() -> None:
    assert pick({"en": "bus"}, "ja-x-easy") == "bus"
    assert pick({"ja": "バス", "en": "bus"}, "ja-x-easy") == "バス"
    assert (pick("x", "en"), pick(None, "en"), pick({}, "en"), pick({"fr": "y"}, "ja")) == ("x", "", "", "y")


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "－"), (0, "0"), (-0.0, "0"), (1234567, "1,234,567"), (-3.5, "−3.5"), (0.1 + 0.2, "0.3"), (2.0, "2")],
)
def test_numbers(value: float | None, text: str) -> None:
    assert f.number(value) == text


def test_units_and_digits() -> None:
    assert [f.with_unit(1234, "人"), f.with_unit(5, "kW"), f.with_unit(7, "t", 1)] == ["1,234人", "5 kW", "7.0 t"]
    assert (f.with_unit(None, "人"), f.number(-0.001, 1)) == ("－", "0.0")


def test_times_are_shown_in_tokyo() -> None:
    assert f.day_and_time(NOON) == "2026年11月23日（月） 0:05"
    assert f.day_and_time(NOON, "en") == "Mon 23 November 2026, 0:05"
    assert f.clock_time(NOON, "ja-x-easy") == "午前 0時05分"
    assert f.machine_time(NOON) == "2026-11-23T00:05+09:00"
    with pytest.raises(ValueError, match="zone"):
        f.day(datetime(2026, 1, 1))  # noqa: DTZ001 - what must be refused


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2026, 11, 22), "令和8年11月22日"),
        (date(2019, 5, 1), "令和元年5月1日"),
        (date(2019, 4, 30), "平成31年4月30日"),
        (date(1989, 1, 7), "昭和64年1月7日"),
        (date(1926, 12, 25), "昭和元年12月25日"),
        (date(1912, 7, 29), "明治45年7月29日"),
        (date(1860, 1, 1), "1860年1月1日"),
    ],
)
def test_wareki(day: date, text: str) -> None:
    assert f.wareki(day) == text
