"""How is a look said in plain words? Who, on whose behalf, which data, for which purpose, on which basis."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from kairo.platform.i18n import Language, pick
from kairo.platform.manifests import Manifest
from kairo.platform.web import Kit
from kairo.trust.disclosure.records import Part, pseudonym_in
from kairo.trust.identity.principals import PERSON, PrincipalKind

_BASES = ("consent", "role", "emergency", "law", "self", "administration", "processing", "question")
_KINDS = ("administrator", "application", "resident", "staff", "system")


class People(Protocol):
    """What people are called. Implemented by identity."""

    async def names(self, principals: Collection[str]) -> Mapping[str, str]:
        """Names by principal, of those that have one."""
        ...


def account_of(person: str) -> str:
    """The principal of a resident."""
    return f"{PrincipalKind.RESIDENT}:{person.removeprefix(PERSON)}"


@dataclass(frozen=True, slots=True)
class Words:
    """Says it in one language. `persons`: who pseudonyms are; `names`: what principals are called, as far as the reader may know."""

    kit: Kit
    language: Language
    parts: Sequence[Manifest]
    persons: Mapping[bytes, str]
    names: Mapping[str, str]

    def t(self, key: str, **values: Any) -> Any:
        """A message of this part."""
        return self.kit.catalogue.translate(self.language, f"disclosure.{key}", **values)

    def who(self, principal: str) -> Any:
        """A principal as it stands in the log: its name, and what it is."""
        kind, _, name = principal.partition(":")
        pseudonym = pseudonym_in(principal)
        if pseudonym is not None:
            person = self.persons.get(pseudonym)
            called = self.names.get(account_of(person), "") if person else ""
            return called or self.t("who.resident" if person else "who.erased")
        called = self.names.get(principal, "") or self._recipient(principal)
        if kind in _KINDS:
            return (
                self.t(f"who.named.{kind}", name=called or name) if called or kind == "application" else self.t(f"who.{kind}")
            )
        return self.t("who.anonymous")

    def behalf(self, principal: str, persons: Iterable[bytes]) -> list[Any]:
        """For whom a principal acted, itself aside."""
        own = pseudonym_in(principal)
        return [self.who(f"resident:{one.hex()}") for one in persons if one != own]

    def purpose(self, name: str) -> Any:
        """A purpose, as whoever declared it calls it."""
        for part in self.parts:
            titles = [one.title for one in part.purposes if one.id == name]
            titles += [role.purposes[name] for role in part.roles if name in role.purposes]
            if titles:
                return pick(titles[0], self.language)
        key = f"disclosure.purpose.{name}"
        return self.t(f"purpose.{name}") if self.kit.catalogue.has(key) else name or self.t("purpose.none")

    def bases(self, bases: Iterable[str], *, is_own: bool = False) -> list[Any]:
        """Legal bases: `consent:<id>` and so on by what they are. None at all is said, too."""
        kinds = {basis.partition(":")[0] for basis in bases}
        known = [kind for kind in _BASES if kind in kinds] + (["other"] if kinds - set(_BASES) else [])
        if "self" in known and not is_own:
            known[known.index("self")] = "mandate"
        return [self.t(f"basis.{kind}") for kind in known] or [self.t("basis.none")]

    def data(self, parts: Iterable[Part]) -> list[tuple[Any, list[Any]]]:
        """Types with the attributes of them, by their titles."""
        found: dict[str, set[str]] = {}
        for part in parts:
            for name in part["types"]:
                found.setdefault(name, set()).update(part["attributes"])
        return [(self._type(name), [self._attribute(one) for one in sorted(names)]) for name, names in found.items()]

    def _type(self, name: str) -> Any:
        titles = (kind.title for part in self.parts for kind in part.entity_types if kind.type == name)
        found = next(titles, None)
        return pick(found, self.language) if found else name

    def _attribute(self, name: str) -> Any:
        keys = (f"{part}.attribute.{name}" for part in ("portal", "disclosure"))
        key = next(filter(self.kit.catalogue.has, keys), None)
        return self.kit.catalogue.translate(self.language, key) if key else name

    def _recipient(self, principal: str) -> str:
        found = (one.recipients[principal] for part in self.parts for one in part.purposes if principal in one.recipients)
        said = next(found, None)
        return str(pick(said, self.language)) if said else ""
