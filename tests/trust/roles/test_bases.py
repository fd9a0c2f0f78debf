"""Does each legal basis hold with the facts that its article demands, and with none of them less?"""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kairo.platform.handling import Controller
from kairo.trust.roles.bases import BASES, DEMANDED, Demand, Facts, Recipient, check

ALL = Facts(
    purpose="counter",
    reason="moved in",
    cites="児童福祉法 21条",
    delegated_by="災害対策基本法 49条の11第2項",
    consented=True,
    explained=True,
    harm_weighed=True,
    in_disaster=True,
    for_life=True,
    only_listed=True,
    area="",
    until=datetime(2027, 4, 1, tzinfo=UTC),
)
MISSING = {
    Demand.PURPOSE: {"purpose": "  "},
    Demand.REASON: {"reason": ""},
    Demand.CITES: {"cites": ""},
    Demand.DELEGATION: {"delegated_by": ""},
    Demand.CONSENT: {"consented": False},
    Demand.EXPLAINED: {"explained": False},
    Demand.HARM: {"harm_weighed": False},
    Demand.DISASTER: {"in_disaster": False},
    Demand.LIFE: {"for_life": False},
    Demand.LISTED: {"only_listed": False},
    Demand.AREA: {"area": None},
    Demand.END: {"until": None},
}
# The table by which the law was read: basis → whom it lets the data go to, what must be recorded.
OWN, CONTRACTOR, BODY, SUPPORTER, SUBJECT, OTHER = Recipient
TABLE = {
    "within-purpose": ({OWN, CONTRACTOR}, "purpose"),
    "by-law": (set(Recipient), "purpose cites"),
    "69-2-1": (set(Recipient), "purpose consent harm"),
    "69-2-2": ({OWN}, "purpose reason cites harm end"),
    "69-2-3": ({BODY}, "purpose reason cites harm end"),
    "69-2-4-statistics": ({CONTRACTOR, BODY, SUPPORTER, OTHER}, "purpose reason harm end"),
    "69-2-4-benefit": ({CONTRACTOR, BODY, SUPPORTER, OTHER}, "purpose reason harm end"),
    "69-2-4-special": ({CONTRACTOR, BODY, SUPPORTER, OTHER}, "purpose reason harm end"),
    "consent": (set(Recipient), "purpose consent end"),
    "ordinance": (set(Recipient), "purpose cites delegation end"),
    "disaster-list-making": ({OWN}, "purpose end"),
    "disaster-list-use": ({OWN}, "purpose listed end"),
    "disaster-list-before": ({SUPPORTER}, "purpose consent listed end"),
    "disaster-list-ordinance": ({SUPPORTER}, "purpose cites listed end"),
    "disaster-list-emergency": (set(Recipient), "purpose reason disaster life listed area end"),
    "disaster-plan-making": ({OWN, CONTRACTOR, SUPPORTER}, "purpose consent explained end"),
    "disaster-plan-use": ({OWN}, "purpose listed end"),
    "disaster-plan-before": ({SUPPORTER}, "purpose consent listed end"),
    "disaster-plan-ordinance": ({SUPPORTER}, "purpose cites listed end"),
    "disaster-plan-emergency": (set(Recipient), "purpose reason disaster life listed area end"),
}


def test_the_table_is_of_all_bases() -> None:
    assert BASES.keys() == TABLE.keys()
    assert DEMANDED.keys() == set(Demand)


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("recipient", Recipient)
def test_to_whom(name: str, recipient: Recipient) -> None:
    recipients, _ = TABLE[name]
    assert (not check(BASES[name], replace(ALL, recipient=recipient))) is (recipient in recipients)


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("demand", MISSING)
def test_what_is_missing_is_named_alone(name: str, demand: Demand) -> None:
    recipients, demands = TABLE[name]
    recipient = min(recipients - {SUBJECT})
    refused = check(BASES[name], replace(ALL, recipient=recipient, **MISSING[demand]))  # type: ignore[arg-type]
    assert refused == ((demand,) if demand.value in demands.split() else ())


def test_to_the_person_no_consent_is_needed() -> None:
    assert not check(BASES["69-2-1"], replace(ALL, recipient=SUBJECT, consented=False))


@pytest.mark.parametrize("name", TABLE)
def test_private_operators_have_the_rules_of_their_own_chapter(name: str) -> None:
    recipient = min(TABLE[name][0])
    refused = check(BASES[name], replace(ALL, recipient=recipient, controller=Controller.PRIVATE))
    assert (Demand.CONTROLLER in refused) is (name not in {"within-purpose", "by-law", "consent"})
    assert BASES[name].unread <= BASES[name].articles.keys()


@pytest.mark.parametrize("name", TABLE)
def test_nothing_recorded_is_never_enough(name: str) -> None:
    assert check(BASES[name], Facts())
