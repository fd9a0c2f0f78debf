"""Kairo as the one who relies on another provider: people sign in with an account that they have elsewhere."""
