"""Does the noise follow its law, and is it drawn from whole numbers alone?"""

import math
import random
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.trust.anonymity.noise import Noise, within

DRAWS = 20_000


def seeded(seed: int) -> Noise:
    return Noise(random.Random(seed).randrange)


def likely(epsilon: Fraction, size: int) -> float:
    """P(noise = size), by the closed form."""
    q = math.exp(-float(epsilon))
    return (1 - q) / (1 + q) * q ** abs(size)


@pytest.mark.parametrize("epsilon", [Fraction(1, 10), Fraction(1, 2), Fraction(1), Fraction(7, 3)])
def test_the_law(epsilon: Fraction) -> None:
    """Chi-squared over the sizes that are frequent enough; a good generator is beyond this bound once in a thousand seeds."""
    noise = seeded(3)
    seen = Counter(noise.draw(epsilon) for _ in range(DRAWS))
    sizes = [size for size in range(-60, 61) if likely(epsilon, size) * DRAWS >= 10]
    expected = [likely(epsilon, size) * DRAWS for size in sizes]
    observed = [seen[size] for size in sizes]
    chi = sum((found - wanted) ** 2 / wanted for found, wanted in zip(observed, expected, strict=True))
    freedom = len(sizes) - 1
    assert chi < freedom + 3.3 * math.sqrt(2 * freedom) + 6, (chi, freedom)


def test_both_signs_are_as_likely_and_the_middle_is_right() -> None:
    noise = seeded(5)
    drawn = [noise.draw(Fraction(1, 2)) for _ in range(DRAWS)]
    deviation = math.sqrt(sum(one * one for one in drawn) / DRAWS)
    assert abs(sum(drawn) / DRAWS) < 4 * deviation / math.sqrt(DRAWS)
    assert abs(sum(one > 0 for one in drawn) - sum(one < 0 for one in drawn)) < 4 * math.sqrt(DRAWS)


@given(st.fractions(min_value=Fraction(1, 1000), max_value=5, max_denominator=1000), st.integers())
def test_only_whole_numbers_below_a_bound_are_drawn(epsilon: Fraction, seed: int) -> None:
    source = random.Random(seed)

    def below(bound: int) -> int:
        assert type(bound) is int
        assert bound >= 1
        return source.randrange(bound)

    assert type(Noise(below).draw(epsilon)) is int


@pytest.mark.parametrize("epsilon", [Fraction(1, 10), Fraction(1), Fraction(5)])
def test_how_far_it_goes(epsilon: Fraction) -> None:
    """95 of 100 lie within, and not of one less."""
    far = within(epsilon)
    inside = sum(likely(epsilon, size) for size in range(-far, far + 1))
    assert inside >= 0.95 - 1e-9
    assert far == 0 or inside - 2 * likely(epsilon, far) < 0.95


@pytest.mark.parametrize("epsilon", [Fraction(0), Fraction(-1)])
def test_no_epsilon_no_noise(epsilon: Fraction) -> None:
    with pytest.raises(ValueError, match="positive"):
        Noise().draw(epsilon)
