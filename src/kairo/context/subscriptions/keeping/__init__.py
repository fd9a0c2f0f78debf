"""How are subscriptions kept? Create, read, change, delete, and what could not be delivered (CIM 009 5.8.1 to 5.8.5)."""

from kairo.context.subscriptions.keeping.book import Book
from kairo.context.subscriptions.keeping.kept import DeadLetter, Kept, Known

__all__ = ["Book", "DeadLetter", "Kept", "Known"]
