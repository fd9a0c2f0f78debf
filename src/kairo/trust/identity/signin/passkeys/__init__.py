"""Passkeys: made on a device, proven by it, and kept here as public keys only."""
