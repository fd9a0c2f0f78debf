"""Does what a key or token allows narrow the gate's scope, and never widen it? A truth table, and laws over all words."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.context.gate import DataClass, Scope
from kairo.errors import BadRequestData
from kairo.trust.identity.principals import Principal, PrincipalKind
from kairo.trust.oauth.rules import NOTHING, PEOPLE, Allowance, Shown, checked_name, checked_uris, checked_words, narrowed

OPEN = frozenset({DataClass.OPEN})
NONE: frozenset[DataClass] = frozenset()
WHOLE = Scope(
    "352039",
    "application:kiosk",
    "care",
    read_classes=OPEN,
    write_classes=OPEN,
    own_undeclared=True,
    subscriptions="own",
    by_grants=True,
)
KIOSK = Principal("application:kiosk", PrincipalKind.APPLICATION)

names = st.sampled_from(["Sensor", "Bus", "https://example.org/Type", "read", "care", "family"])
words = st.one_of(
    st.sampled_from(["read", "write", "subscribe", *PEOPLE]),
    st.builds("type:{}".format, names),
    st.builds("purpose:{}".format, names),
)
allowances = st.lists(words, max_size=6).map(Allowance.of)
scopes = st.builds(
    Scope,
    st.just("352039"),
    st.just("application:kiosk"),
    names,
    st.frozensets(st.sampled_from(list(DataClass))),
    st.frozensets(st.sampled_from(list(DataClass))),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["none", "own", "all"]),
    st.booleans(),
    types=st.none() | st.frozensets(names),
    read_only=st.booleans(),
)


# words; then: reads, writes, its own undeclared, subscribes, by grants (purpose care), types
# fmt: off
TABLE = [
    ("read write subscribe",      True,  True,  True,  True,  True,  None),
    ("read",                      True,  False, True,  False, True,  None),
    ("write",                     False, True,  True,  False, False, None),
    ("subscribe",                 False, False, False, False, False, None),
    ("read subscribe",            True,  False, True,  True,  True,  None),
    ("read type:Bus",             True,  False, True,  False, True,  {"Bus"}),
    ("read write type:Bus",       True,  True,  True,  False, True,  {"Bus"}),
    ("read purpose:care",         True,  False, True,  False, True,  None),
    ("read purpose:tourism",      True,  False, True,  False, False, None),
    ("read purpose:tourism purpose:care", True, False, True, False, True, None),
    ("openid profile",            False, False, False, False, False, None),
    ("type:Bus",                  False, False, False, False, False, None),
    ("",                          False, False, False, False, False, None),
]
# fmt: on


@pytest.mark.parametrize(("text", "reads", "writes", "own", "subscribes", "by_grants", "types"), TABLE)
def test_what_words_leave_of_a_scope(
    text: str, reads: bool, writes: bool, own: bool, subscribes: bool, by_grants: bool, types: set[str] | None
) -> None:
    found = narrowed(WHOLE, Shown(KIOSK, Allowance.of(text.split())))
    assert found == replace(
        WHOLE,
        read_classes=OPEN if reads else NONE,
        write_classes=OPEN if writes else NONE,
        own_undeclared=own,
        subscriptions="own" if subscribes else "none",
        by_grants=by_grants,
        types=None if types is None else frozenset(types),
        read_only=not writes,
    )


def test_a_token_that_reads_less_than_its_application_does_not_subscribe() -> None:
    allowed = Allowance.of(["read", "subscribe", "type:Bus"])
    assert narrowed(WHOLE, Shown(KIOSK, allowed, whole=True)).subscriptions == "own"
    assert narrowed(WHOLE, Shown(KIOSK, allowed, whole=False)).subscriptions == "none"


@given(scopes, allowances, st.booleans())
def test_narrowing_never_gives_more(scope: Scope, allowed: Allowance, whole: bool) -> None:
    found = narrowed(scope, Shown(KIOSK, allowed, whole))
    assert found.read_classes <= scope.read_classes
    assert found.write_classes <= scope.write_classes
    assert found.own_undeclared <= scope.own_undeclared
    assert found.by_grants <= scope.by_grants
    assert not found.may_create_tenant
    assert found.subscriptions in {"none", scope.subscriptions}
    assert found.read_only >= scope.read_only
    assert scope.types is None or (found.types is not None and found.types <= scope.types)
    assert (found.tenant, found.principal, found.purpose, found.persons) == (
        scope.tenant, scope.principal, scope.purpose, scope.persons,
    )  # fmt: skip


@given(allowances, allowances, allowances)
def test_what_two_allow_is_what_both_allow(one: Allowance, two: Allowance, three: Allowance) -> None:
    both = one.within(two)
    assert both == two.within(one)
    assert both.within(one) == both, "nothing of it is more than the first allows"
    assert both.within(three) == one.within(two.within(three))
    assert one.within(one) == one
    assert one.within(NOTHING) == NOTHING


@given(allowances)
def test_the_words_say_it_again(allowed: Allowance) -> None:
    assert Allowance.of(allowed.words()) == allowed


def test_types_that_have_nothing_in_common_allow_nothing() -> None:
    assert Allowance.of(["read", "type:Bus"]).within(Allowance.of(["read", "type:Sensor"])) == NOTHING


@pytest.mark.parametrize(
    "word", ["admin", "type:", "purpose:", "READ", "type:a b", 'type:"', "type:\x00", "読む", "type:" + "x" * 400]
)
def test_a_word_that_means_nothing_is_refused(word: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the word itself is its message
        Allowance.of([word])


def test_words_of_an_application_are_kept_in_order() -> None:
    assert checked_words("profile openid type:Bus read") == ("read", "type:Bus", "openid", "profile")
    for text in ("admin", "read " * 101, "read type:" + "x" * 5000):
        with pytest.raises(BadRequestData):
            checked_words(text)


@pytest.mark.parametrize("name", ["", "A", "-a", "a-", "a b", "a.b", "a" * 64, "あ", "a\n"])
def test_names_that_no_application_has(name: str) -> None:
    with pytest.raises(BadRequestData):
        checked_name(name)


@pytest.mark.parametrize(
    "uri",
    ["https://app.example/cb", "http://127.0.0.1:9000/cb", "http://localhost/cb", "http://[::1]/cb", "jp.example.app:/cb"],
)
def test_where_a_browser_may_be_sent_back_to(uri: str) -> None:
    assert checked_uris(uri) == (uri,)


@pytest.mark.parametrize(
    "uri",
    [
        "http://app.example/cb",
        "https://app.example/cb#x",
        "https://*.example/cb",
        "https://user@app.example/cb",
        "https:///cb",
        "https://app.example:99999/",
        "javascript:alert(1)",
        "data:text/html,x",
        "app:/cb",
        "jp.example.app://host/cb",
        "//app.example/cb",
        "/cb",
        "https://app.example/" + "x" * 2000,
        "https://例え.example/",
    ],
)
def test_where_no_browser_is_sent(uri: str) -> None:
    with pytest.raises(BadRequestData):
        checked_uris(uri)
