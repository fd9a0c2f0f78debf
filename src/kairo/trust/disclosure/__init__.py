"""Who looked at whose data, when, for what and on which basis? Kept so that a change shows, and shown to whom it is about."""
