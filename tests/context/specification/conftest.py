"""What do the tests against the specification share? Two brokers over the module's database."""

from collections.abc import Iterator

import pytest

from tests.context.specification.clients import Brokers


@pytest.fixture(scope="module")
def brokers(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brokers]:
    opened = Brokers(database_url, tmp_path_factory.mktemp("brokers"), 2)
    yield opened
    opened.close()
