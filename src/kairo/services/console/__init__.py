"""The console: what the administrator of an installation looks after. So far: subscriptions and what could not be delivered."""
