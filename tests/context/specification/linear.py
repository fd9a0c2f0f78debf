"""Could what several clients saw have happened one call after the other? Linearizability, made simple by change numbers.

Every change has a number in the order of commits. So the order of the calls that changed something is known, and the model run
in that order gives every state that there was. Each other answer (reads, refusals, what changed nothing) must be that of the
model in some state between the call's beginning and its end, and nobody may see an older state than one who was done before.
"""

from collections.abc import Sequence
from itertools import pairwise

from kairo.platform.clock import iso
from tests.context.specification.calls import perform
from tests.context.specification.clients import Change, Done
from tests.context.specification.model import Entity, Model


def explain(calls: Sequence[Done], changes: dict[str, Change]) -> None:
    """Raises AssertionError where no order of the calls explains their answers."""
    writes = sorted((done for done in calls if done.request in changes), key=lambda done: changes[done.request].numbers)
    for one, other in pairwise(writes):
        assert changes[one.request].numbers[-1] < changes[other.request].numbers[0], "the changes of a request stand together"
        assert changes[one.request].at <= changes[other.request].at, "times never go back"
    times = {step: iso(changes[done.request].at) for step, done in enumerate(writes, 1)}
    states = [dict[str, Entity]()]
    model = Model()
    for step, done in enumerate(writes, 1):
        model.step = step
        assert done.answer == perform(model, times, done.call), f"change {step}: {done.call}"
        states.append(dict(model.entities))
        assert states[-1] != states[-2], f"{done.call} changed nothing, and has a change number"
    seen = [(done, step) for step, done in enumerate(writes, 1)]
    assert _is_in_real_order(seen)
    for done in sorted((done for done in calls if done.request not in changes), key=lambda done: done.began):
        least = max((step for earlier, step in seen if earlier.ended < done.began), default=0)
        most = min(
            (step - 1 for later, step in seen if later.request in changes and later.began > done.ended), default=len(writes)
        )
        fits = (step for step in range(least, most + 1) if _gives(states[step], times, done))
        found = next(fits, None)
        assert found is not None, f"no state from {least} to {most} of {len(writes)} answers {done.call} with {done.answer}"
        seen.append((done, found))


def _is_in_real_order(writes: list[tuple[Done, int]]) -> bool:
    """Whether no change has a smaller number than one that was answered before it was asked for."""
    return all(step > other_step for done, step in writes for other, other_step in writes if other.ended < done.began)


def _gives(state: dict[str, Entity], times: dict[int, str], done: Done) -> bool:
    """Whether the model in this state gives the same answer, and is not changed by it."""
    model = Model(dict(state), -1)
    return perform(model, times, done.call) == done.answer and model.entities == state
