"""What do the tests of expiry share? What those of subscriptions do: a broker that may notify this machine, beside its delivery."""

from tests.context.subscriptions.conftest import broker, delivery, receiver, world

__all__ = ["broker", "delivery", "receiver", "world"]
