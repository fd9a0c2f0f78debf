"""Who is told of changes? Services' own reactions read the outbox here; subscriptions of strangers will read the same."""

from kairo.context.subscriptions.dispatcher import Dispatcher
from kairo.context.subscriptions.watchers import ReactionTable

__all__ = ["Dispatcher", "ReactionTable"]
