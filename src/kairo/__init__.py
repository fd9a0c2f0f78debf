"""Kairo (回廊): an open urban OS: data platform and city services in one program."""

__version__ = "0.1.0"
