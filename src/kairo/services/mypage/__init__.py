"""My page: what a resident finds about themselves, in one place."""
