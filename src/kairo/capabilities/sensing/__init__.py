"""Sensors and vehicles: what they measure now, live to pages, and a labelled synthetic world to try it with."""

from kairo.capabilities.sensing.live import LiveHub
from kairo.capabilities.sensing.running import SyntheticWorld

__all__ = ["LiveHub", "SyntheticWorld"]
