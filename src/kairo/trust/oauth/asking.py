"""What does this part need of the others? Protocols, with what holds until another part is connected (app.py)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from kairo.context.gate import Scope


@dataclass(frozen=True, slots=True)
class Ask:
    """What an application asks a resident for. `principal`: the application's; `attributes`: stored names, of the type Resident."""

    principal: str
    title: str
    organisation: str
    purpose: str
    attributes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One of these attributes in words that the resident understands. `agreed`: they have said yes before, and it holds."""

    attribute: str
    words: str
    agreed: bool = False


class ConsentAsker(Protocol):
    """Who knows what a resident agreed to. Implemented by trust/consent."""

    async def questions(self, access: Scope, ask: Ask, language: str) -> Sequence[Question]:
        """What is to be asked of whom `access` is, in their language. An attribute without a question is not given."""
        ...

    async def agree(self, access: Scope, ask: Ask, attributes: Sequence[str]) -> None:
        """They said yes to these attributes of `ask`, and no to the others."""
        ...

    async def withdraw(self, access: Scope, principal: str) -> None:
        """They take back all that they agreed to for this application."""
        ...


class OpenIdOnly:
    """Until consent is connected: nothing is asked, so that nothing but a pairwise name is given."""

    async def questions(self, access: Scope, ask: Ask, language: str) -> Sequence[Question]:
        return ()

    async def agree(self, access: Scope, ask: Ask, attributes: Sequence[str]) -> None:
        """There was no question."""

    async def withdraw(self, access: Scope, principal: str) -> None:
        """There was no answer."""
