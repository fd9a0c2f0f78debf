"""How long must who tried in vain wait, and can a stranger make a person wait?"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.trust.identity.signin.waits import FORGOTTEN_AFTER, LIMITS, Count, names_of, network, tried, wait_for, was_right

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def after(name: str, tries: int, now: datetime = NOW) -> Count:
    count = Count(name, 0, now, now)
    for _ in range(tries):
        count = tried(count, now)
    return count


@pytest.mark.parametrize(
    ("kind", "tries", "seconds"),
    [
        ("pair", 5, 0), ("pair", 6, 1), ("pair", 7, 2), ("pair", 10, 16), ("pair", 100, 900),
        ("device", 5, 0), ("device", 6, 1), ("device", 10_000, 900),
        ("source", 20, 0), ("source", 21, 1), ("source", 10_000, 900),
        ("account", 50, 0), ("account", 51, 1), ("account", 10_000, 30),
    ],
)  # fmt: skip
def test_waits_grow(kind: str, tries: int, seconds: int) -> None:
    assert wait_for([after(f"{kind}:x", tries)], NOW) == timedelta(seconds=seconds)


@given(st.sampled_from(sorted(LIMITS)), st.integers(1, 200))
def test_they_never_shrink_and_never_pass_the_longest(kind: str, tries: int) -> None:
    fewer, more = (wait_for([after(f"{kind}:x", n)], NOW) for n in (tries, tries + 1))
    assert timedelta() <= fewer <= more <= timedelta(seconds=LIMITS[kind].longest)


def test_the_longest_of_all_counts() -> None:
    assert wait_for([after("pair:x", 8), after("source:x", 1)], NOW) == timedelta(seconds=4)
    assert wait_for([], NOW) == timedelta()


def test_what_is_long_ago_is_forgotten() -> None:
    count = tried(after("pair:x", 100), NOW + FORGOTTEN_AFTER)
    assert count.failures == 1


def test_being_right_ends_the_wait_of_the_person_and_gives_nobody_else_tries() -> None:
    assert was_right(after("pair:x", 9), NOW).failures == 0
    assert was_right(after("device:x", 9), NOW).failures == 0
    assert was_right(after("source:x", 9), NOW).failures == 8
    assert was_right(after("account:x", 9), NOW).failures == 8


def test_a_known_device_is_counted_apart() -> None:
    strange, known = names_of("mori", "198.51.100.1", None), names_of("mori", "198.51.100.1", "digest")
    assert not set(strange) & set(known)
    assert set(names_of("mori", "203.0.113.5", None)) & set(strange) == {strange[0]}, "of another place only the account counts"
    assert "mori" not in " ".join(strange)


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff", "2001:db8::/64"),
        ("", "unknown"),
        ("x", "unknown"),
    ],
)
def test_of_ipv6_a_household_counts_as_one(source: str, place: str) -> None:
    assert network(source) == place
