"""Does the broker answer whatever its description allows, and what it does not, as described and never with 500? (schemathesis)"""

import warnings
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode

from kairo.context.api.app import routes
from kairo.context.api.openapi import describe
from tests.context.api.broker import refused

DOCUMENT = describe(routes(None, None), 1000)  # type: ignore[arg-type]
OPERATIONS: list[Any] = [found.ok() for found in schemathesis.openapi.from_dict(DOCUMENT).get_all_operations()]  # type: ignore[union-attr]
# Nothing can be wrong in a request without parameters.
TRIES = [
    (operation, mode)
    for operation in OPERATIONS
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    if operation.definition.raw["parameters"] or mode is GenerationMode.POSITIVE
]


def prepared(case: Any, token: str | None, *, plain: bool) -> tuple[str, bytes, list[tuple[bytes, bytes]], bytes]:
    """Method, target, headers and body of a generated case. `plain`: without its tenant and context, which hardly ever exist."""
    request = requests.Request(**case.as_transport_kwargs(base_url="http://test")).prepare()
    dropped = {"ngsild-tenant", "link"} if plain else set()
    headers = [
        (name.lower().encode("latin-1", "replace"), value if isinstance(value, bytes) else value.encode("latin-1", "replace"))
        for name, value in request.headers.items()
        if name.lower() not in dropped
    ]
    if token is not None:
        headers = [(b"authorization", f"Bearer {token}".encode()), *(item for item in headers if item[0] != b"authorization")]
    target = str(request.url).removeprefix("http://test").encode()
    body: Any = request.body or b""
    return str(request.method), target, headers, body.encode() if isinstance(body, str) else bytes(body)


def check(answer: httpx.Response, operation: Any) -> None:
    """The contract of every answer."""
    described = DOCUMENT["paths"][operation.path][operation.method.lower()]["responses"]
    assert answer.status_code < 500 or answer.status_code in {503, 504, 507}, answer.text
    assert str(answer.status_code) in described, f"{answer.status_code} is not described: {answer.text}"
    if answer.status_code >= 400:
        refused(answer, answer.status_code)
        return
    types = described[str(answer.status_code)].get("content", {})
    assert (answer.headers.get("content-type") in types) if answer.content else not types or not answer.content


@pytest.mark.parametrize(("operation", "mode"), TRIES, ids=lambda part: getattr(part, "label", None) or part.value)
def test_every_operation_keeps_its_contract(running: Any, operation: Any, mode: GenerationMode) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cases = operation.as_strategy(generation_mode=mode)

    async def ask(request: tuple[str, bytes, list[tuple[bytes, bytes]], bytes]) -> httpx.Response:
        async def body() -> Any:
            if request[3]:
                yield request[3]

        return await running.broker.raw(*request[:3], body())  # type: ignore[no-any-return]

    @settings(max_examples=15, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(cases, st.booleans(), st.integers(0, 9))
    def run(case: Any, plain: bool, who: int) -> None:
        token = running.token if who else None
        check(running.run(ask(prepared(case, token, plain=plain or who > 2))), operation)

    run()
