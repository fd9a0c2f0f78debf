"""Are the repair rules harmless? Applied twice they do no more than once, and clean text passes unchanged."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.capabilities.catalogue import rules
from kairo.capabilities.catalogue.comparing import same
from kairo.capabilities.catalogue.rules import apply

ALL = [value for value in vars(rules).values() if isinstance(value, rules.Rule)]
CHAINS = {"ONE_LINE": rules.ONE_LINE, "SEVERAL_LINES": rules.SEVERAL_LINES, "SYMBOLS": rules.SYMBOLS, "FLAGS": rules.FLAGS}
dirty = st.text(st.one_of(st.characters(), st.sampled_from("　０９－−ーＡ\r\n\t\u200b\ufeff ○×1")), max_size=40)
clean_text = st.text(st.sampled_from("山口市架空ァ・ー－（）１Ａ1-a<>\"'=;()邉邊\U000e0100"), max_size=20)
clean_symbol = st.text(string.ascii_letters + string.digits + "-_.", max_size=20)


def test_every_rule_is_seen() -> None:
    assert len(ALL) == 8
    assert len({rule.name for rule in ALL}) == len(ALL)


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.name)
@given(text=dirty)
def test_each_rule_twice_is_once(rule: rules.Rule, text: str) -> None:
    assert rule.mend(rule.mend(text)) == rule.mend(text)


@pytest.mark.parametrize("chain", CHAINS)
@given(text=dirty)
def test_each_chain_twice_is_once(chain: str, text: str) -> None:
    mended, steps = apply(text, CHAINS[chain])
    assert apply(mended, CHAINS[chain]) == (mended, [])
    assert bool(steps) == (mended != text) or steps[0].before == text


@given(text=clean_text)
def test_clean_names_stay_as_written(text: str) -> None:
    assert apply(text, rules.ONE_LINE) == (text, [])
    assert apply(text, rules.SEVERAL_LINES) == (text, [])


@given(text=clean_symbol)
def test_clean_codes_stay(text: str) -> None:
    assert apply(text, rules.SYMBOLS) == (text, [])


@pytest.mark.parametrize("text", ["", "1"])
def test_clean_flags_stay(text: str) -> None:
    assert apply(text, rules.FLAGS) == (text, [])


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=8,
)


@given(value=json_values)
def test_same_is_same(value: object) -> None:
    assert same(value, value)
    assert not same(value, [value])


def test_one_is_not_true() -> None:
    assert same(1, 1.0)
    assert not same(1, True)
    assert not same({"a": [0]}, {"a": [False]})
