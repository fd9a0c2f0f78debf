"""How is a request shown, to the person and to who decides? Its progress, its deadline as a clear date, and all that happened, with who and why."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from kairo.platform.i18n import pick
from kairo.platform.manifests import EntityType
from kairo.platform.web import Kit, Link, Page
from kairo.trust.rights.cases import deadlines, rules
from kairo.trust.rights.cases.exporting import Export
from kairo.trust.rights.cases.rules import Case, State
from kairo.trust.rights.cases.service import Cases
from kairo.trust.rights.cases.store import About
from kairo.trust.roles.pages import labels_of


class Names(Protocol):
    """What people are called. Implemented by identity."""

    async def names(self, principals: Collection[str]) -> Mapping[str, str]:
        """Names by principal, of those that have one."""
        ...


Service = NamedDependency[SkipValidation[Cases]]
Named = NamedDependency[SkipValidation[Names]]
Types = NamedDependency[SkipValidation[Mapping[str, EntityType]]]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a request stands in time. `here`: which of `steps` it is at; `left`: days to the deadline."""

    count: deadlines.Count
    due: date
    first_due: date
    latest: date
    left: int
    used: int
    steps: tuple[Any, ...]
    dates: tuple[Any, ...]
    here: int


class Drawer:
    """Draws pages of one request of a browser."""

    def __init__(self, kit: Kit, page: Page, types: Mapping[str, EntityType], today: date) -> None:
        self.kit = kit
        self.page = page
        self._types = types
        self._today = today

    def t(self, key: str, **values: Any) -> Any:
        """Words of this part."""
        return self.kit.catalogue.translate(self.page.language, f"rights.{key}", **values)

    def type_names(self, kinds: Collection[str]) -> Any:
        """What types are called."""
        titles = (pick(self._types[kind].title, self.page.language) if kind in self._types else kind for kind in kinds)
        return self.t("comma").join(str(one) for one in titles)

    def progress(self, case: Case) -> Progress:
        """The picture of a request."""
        time, today = case.time, self._today
        waits = case.state is State.COMPLETING
        names = ("received", *(("completing",) if waits else ()), "looked_at", "decided")
        due = deadlines.due(time, today)
        said = {"received": time.received, "decided": None if waits else time.decided or due}
        return Progress(
            *(deadlines.count(time, today), due, deadlines.first_due(time, today), deadlines.latest(time, today)),
            *((due - today).days, deadlines.used(time, today)),
            tuple(self.t(f"progress.{name}") for name in names),
            tuple(said.get(name) for name in names),
            1 if case.is_open else len(names),
        )

    def items(self, about: Collection[About]) -> list[tuple[str, Any]]:
        """What can be corrected, for a form: `<entity> <attribute>` and its words."""
        labels = labels_of(self.kit, self.page, {name for one in about for name in one.present})
        return [
            (f"{one.id} {name}", f"{self.type_names(one.types)}: {labels[name]}")
            for one in about
            for name in one.present
            if {"*", name} & one.mine
        ]

    def wanted(self, case: Case) -> Any:
        """Which item a correction is about, in words."""
        return labels_of(self.kit, self.page, {case.attribute})[case.attribute] if case.attribute else ""

    def frame(self, key: str, *crumbs: Link, **values: Any) -> Page:
        """The page's frame."""
        title, lead = self.t(f"{key}.title", **values), self.t(f"{key}.lead")
        return replace(self.page, title=title, lead=lead, crumbs=crumbs, robots="noindex")

    def case(self, template: str, frame: Page, case: Case, names: Mapping[str, str], **more: Any) -> str:
        """The page of one request."""
        return self.kit.render(
            f"rights/{template}.html",
            frame,
            case=case,
            progress=self.progress(case),
            names=names,
            wanted=self.wanted(case),
            withheld=self.type_names(case.withheld),
            right=rules.RIGHT[case.kind],
            due_by=rules.DUE[case.kind],
            reasons_known={one for many in rules.REASONS.values() for one in many},
            **more,
        )

    def export(self, frame: Page, case: Case, found: Export, names: Mapping[str, str], path: str) -> str:
        """The readable page of what is disclosed."""
        attributes = {name for one in found.entities for name in one.past}
        attributes |= {name for look in found.looks for part in look["parts"] for name in part["attributes"]}
        return self.kit.render(
            "rights/export.html",
            frame,
            case=case,
            found=found,
            names=names,
            path=path,
            labels=labels_of(self.kit, self.page, attributes),
            type_names=self.type_names,
        )


def named_in(case: Case) -> set[str]:
    """The principals whose names a request's page shows."""
    return {case.asked_by, case.person.replace("urn:ngsi-ld:Resident:", "resident:"), *(one.by for one in case.steps)}
