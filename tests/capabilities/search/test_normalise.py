"""Do the laws of folding hold, and do spellings that people mix up fold alike?"""

import unicodedata
from pathlib import Path
from typing import Literal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kairo.capabilities.search import normalise
from kairo.capabilities.search.normalise import fold, fold_aligned, grams, variants
from kairo.capabilities.search.terms import Terms, after, grams_of

# Everything that folding treats in its own way, and ordinary characters beside it.
ALPHABET = "ヶケけかカがガヵ3３一何月所年丘原関佐々〻ゝゞヽいすずズきゃキャーっﾊﾞﾔ-－‐～。、，,.．・ 　aBzé ōßＡ①㈱㍻澤沢齋斎邊﨑髙%_\\'’\u200b　21"
JAPANESE = st.text(st.sampled_from(ALPHABET), max_size=30)
ANY = st.text(max_size=30)
FORMS: list[Literal["NFC", "NFD", "NFKC", "NFKD"]] = ["NFC", "NFD", "NFKC", "NFKD"]


def is_ke_alone(text: str) -> bool:
    """Whether it is one ケ and what is folded away: by itself it does not say how it is read."""
    return fold(text) == "け" and any(character in text for character in "ヶケ")


@given(JAPANESE | ANY)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(JAPANESE | ANY, st.sampled_from(FORMS))
def test_equal_texts_fold_alike(text: str, form: Literal["NFC", "NFD", "NFKC", "NFKD"]) -> None:
    assert fold(unicodedata.normalize(form, text)) == fold(text)


@given(JAPANESE, st.data())
def test_a_part_is_found_in_the_whole(text: str, data: st.DataObject) -> None:
    text = unicodedata.normalize("NFKC", text)
    begin = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(begin, len(text)))
    part = text[begin:end]
    if not is_ke_alone(part):
        assert fold(part) in fold(text)


@given(JAPANESE, st.data())
def test_a_query_of_any_part_matches(text: str, data: st.DataObject) -> None:
    """Its words stand in the folded text, and each gram that the index is asked for is among the text's."""
    text = unicodedata.normalize("NFKC", text)
    begin = data.draw(st.integers(0, len(text)))
    part = text[begin : data.draw(st.integers(begin, len(text)))]
    has = grams([fold(text)])
    for word in Terms.of(part).words:
        if not any(map(is_ke_alone, part.split())):
            assert word in fold(text)
            for gram in grams_of(word):
                assert any(gram <= one < after(gram) for one in has)


@given(st.text(st.characters(min_codepoint=0x3041, max_codepoint=0x3094), max_size=20))
def test_hiragana_and_katakana_are_one(text: str) -> None:
    # け is left out: as katakana it may be the ケ of a place name
    text = text.replace("け", "き")
    assert fold("".join(chr(ord(one) + 0x60) for one in text)) == fold(text)


@given(JAPANESE | ANY)
def test_places_in_the_original_are_kept(text: str) -> None:
    folded = fold_aligned(text)
    assert folded.text == fold(text)
    assert len(folded.begins) == len(folded.ends) == len(folded.text)
    assert all(0 <= begin < end <= len(text) for begin, end in zip(folded.begins, folded.ends, strict=True))
    assert list(folded.begins) == sorted(folded.begins)


@pytest.mark.parametrize(
    "spellings",
    [
        "ﾔﾏｸﾞﾁ ヤマグチ やまぐち",
        "ＣＩＴＹ city Ｃｉｔｙ",
        "関ケ原 関ヶ原 関が原 関ガ原",
        "3ヶ月 3か月 ３カ月 3ヵ月 3ケ月 3箇月",
        "三箇所 三か所 三ヶ所",
        "佐々木 佐佐木",
        "渡邊 渡邉 渡辺",
        "斎藤 斉藤 齋藤 齊藤",
        "髙﨑 高崎",
        "濵田 濱田 浜田",
        "嶋 島 嶌",
        "德地 徳地",
        "惠 恵",
        "國 国",
        "廣澤 広沢",
        "龍 竜",
        "センター センタ－ せんたー ｾﾝﾀｰ",
        "1-2-3 1－2－3 １‐２−３ 1ー2ー3",
        "Hōfu HOFU hofu",
        "1,234 1234 １，２３４",
        "ケア・マネージャー ケアマネージャー ケア マネージャー",
        "キャンプ キヤンプ",
        "いすゞ いすず",
    ],
)
def test_spellings_that_are_one(spellings: str) -> None:
    separate = spellings.split() if "・" not in spellings else ["ケア・マネージャー", "ケアマネージャー", "ケア マネージャー"]
    assert len({fold(spelling) for spelling in separate}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("ビール", "ビル"), ("箱", "函"), ("危険箇所", "危険所"), ("助け", "助"), ("21 22", "2122")]
)
def test_words_that_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_blanks_stay_between_latin_words_only() -> None:
    assert fold("City Hall,  2nd floor") == "city hall 2nd floor"
    assert fold("避難 計画 の 場所") == "避難計画の場所"
    assert fold("『山口市』（やまぐちし）") == "山口市やまぐちし"


def test_numbers_stay_findable() -> None:
    assert "21" in fold("令和７年　２１地域")
    assert grams(["令和7年21地域"]) >= {"21"}


def test_the_variants_are_in_order() -> None:
    path = Path(normalise.__file__).with_name("variants.yaml")
    groups = yaml.safe_load(path.read_text(encoding="utf-8"))["groups"].values()
    listed = [variant for group in groups for others in group.values() for variant in others]
    assert len(listed) == len(set(listed)), "a variant stands for one character"
    assert not set(listed) & set(variants().values()), "what stands for others is no variant itself"
    assert all(len(common) == 1 for group in groups for common in group)
    assert all(unicodedata.normalize("NFKC", variant) == variant for variant in listed), "NFKC folds it already"
