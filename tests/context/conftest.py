"""What do the broker's tests in any folder share? Those who ask."""

from tests.context.api.askers import administrator, anyone, application, broker

__all__ = ["administrator", "anyone", "application", "broker"]
