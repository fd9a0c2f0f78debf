"""How is noise drawn that hides one person exactly? The discrete Laplace distribution, in whole numbers only.

Construction: C. Canonne, G. Kamath, T. Steinke, "The Discrete Gaussian for Differential Privacy" (2020), algorithms 1 and 2. All that is
drawn is whole numbers below a bound; no floating-point number is ever there whose last digits could give the answer away.
P(noise = n) is proportional to exp(−ε·|n|). A count changes by one with one person, so count + noise is ε-differentially private.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, exp, log

Below = Callable[[int], int]  # a whole number from 0 until before the argument, each as likely


@dataclass(frozen=True, slots=True)
class Noise:
    """Draws noise. `below` is the system's generator; tests hand in one with a seed."""

    below: Below = secrets.randbelow

    def draw(self, epsilon: Fraction) -> int:
        """One whole number with the law above (algorithm 2, with ε = s/t)."""
        if epsilon <= 0:
            raise ValueError("epsilon is positive")
        s, t = epsilon.numerator, epsilon.denominator
        while True:
            rest = self.below(t)
            if not self._survives(rest, t):
                continue
            whole = 0
            while self._survives(1, 1):
                whole += 1
            size = (rest + t * whole) // s
            is_negative = self.below(2) == 1
            if not (is_negative and size == 0):
                return -size if is_negative else size

    def _survives(self, numerator: int, denominator: int) -> bool:
        """True with the probability exp(−numerator/denominator), which is at most 1 (algorithm 1)."""
        turns = 1
        while self.below(denominator * turns) < numerator:
            turns += 1
        return turns % 2 == 1


def within(epsilon: Fraction, percent: int = 95) -> int:
    """How far the noise goes at the most in so many of a hundred draws: what a page calls 'about'."""
    e = float(epsilon)
    # P(|noise| > n) = 2·q^(n+1) / (1 + q), with q = exp(−ε)
    least = log((1 - percent / 100) * (1 + exp(-e)) / 2) / -e - 1
    return max(0, ceil(least - 1e-9))
