"""Consent: what a person agreed to, with whom, until when; given, refused, changed and withdrawn at any time."""
