"""Does the API answer what the specification answers, and keep its times? Random sequences of every operation beside a model."""

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from kairo.platform.clock import iso, system_clock
from tests.context.specification.calls import Call, perform
from tests.context.specification.clients import Brokers
from tests.context.specification.drawn import BEGINNING, EVERYTHING, RETRIEVALS, WRITES, queries
from tests.context.specification.model import Model

EXAMPLES = int(os.environ.get("KAIRO_TEST_EXAMPLES", "10"))  # more for a long hunt; CI takes the same ones every time


class Beside(RuleBasedStateMachine):
    """One client. The time of a change is what the audit record says; that this is right is held to the request's own times."""

    brokers: Brokers

    def __init__(self) -> None:
        super().__init__()
        self.tenant = self.brokers.run(self.brokers.tenant())
        self.asker = self.brokers.asker(self.tenant)
        self.model = Model()
        self.times: dict[int, str] = {}

    def teardown(self) -> None:
        self.brokers.run(self.asker.aclose())

    @initialize()
    def some_entities(self) -> None:
        self.write(BEGINNING)

    @rule(call=WRITES["append"])
    def append(self, call: Call) -> None:
        self.write(call)

    @rule(call=WRITES["update"])
    def update(self, call: Call) -> None:
        self.write(call)

    @rule(call=WRITES["merge"])
    def merge(self, call: Call) -> None:
        self.write(call)

    @rule(call=WRITES["partial_update"])
    def partial_update(self, call: Call) -> None:
        self.write(call)

    @rule(call=WRITES["replace_attribute"])
    def replace_attribute(self, call: Call) -> None:
        self.write(call)

    @rule(call=WRITES["delete_attribute"] | WRITES["delete_scope"])
    def delete_attribute(self, call: Call) -> None:
        self.write(call)

    @rule(call=WRITES["create"] | WRITES["replace"])
    def whole(self, call: Call) -> None:
        self.write(call)

    @rule(call=WRITES["batch_create"] | WRITES["batch_upsert"])
    def batch_of_entities(self, call: Call) -> None:
        self.write(call)

    @rule(call=WRITES["batch_update"] | WRITES["batch_merge"])
    def batch_of_fragments(self, call: Call) -> None:
        self.write(call)

    @rule(call=WRITES["delete"] | WRITES["batch_delete"])
    def delete(self, call: Call) -> None:
        self.write(call)

    @rule(call=st.one_of(RETRIEVALS, queries(counting=True)))
    def reads(self, call: Call) -> None:
        done = self.brokers.run(self.brokers.ask(self.asker, call))
        assert done.answer == perform(self.model, self.times, call)

    def write(self, call: Call) -> None:
        began = system_clock()
        done = self.brokers.run(self.brokers.ask(self.asker, call))
        changed = self.brokers.run(self.brokers.changes(self.tenant, done.request)).get(done.request)
        before = dict(self.model.entities)
        self.model.step += 1
        if changed is not None:
            assert began <= changed.at <= system_clock()
            self.times[self.model.step] = iso(changed.at)
        assert done.answer == perform(self.model, self.times, call)
        assert (changed is not None) == (self.model.entities != before), "what changes nothing leaves no trace"
        everything = self.brokers.run(self.brokers.ask(self.asker, EVERYTHING))
        assert everything.answer == perform(self.model, self.times, EVERYTHING)


def test_random_operations(brokers: Brokers) -> None:
    class Machine(Beside):
        pass

    Machine.brokers = brokers
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=30,
            derandomize="KAIRO_TEST_EXAMPLES" not in os.environ,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
