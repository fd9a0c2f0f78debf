"""How does one person show another whom to choose, without anybody searching residents? By a short code that lives for minutes."""

from kairo.trust.consent.codes.codes import Codes, ShownCode

__all__ = ["Codes", "ShownCode"]
