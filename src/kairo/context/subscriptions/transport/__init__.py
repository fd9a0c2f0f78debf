"""How does a notification reach its receiver? HTTP(S) and MQTT(S), over connections that are only opened where that is allowed."""

from kairo.context.subscriptions.transport.doors import Doors, Undelivered
from kairo.context.subscriptions.transport.post import Message, Post

__all__ = ["Doors", "Message", "Post", "Undelivered"]
