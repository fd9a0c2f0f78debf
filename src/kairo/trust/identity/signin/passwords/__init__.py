"""Passwords with one-time codes, for staff."""
