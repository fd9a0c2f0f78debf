"""Settings of the laws of this folder, and the terms of a request with a user @context."""

import pytest
from hypothesis import settings

from tests.context.model.model_samples import USER, Terms

settings.register_profile("no deadline", settings.default, deadline=None)  # machines are shared; laws are not timings
settings.load_profile("no deadline")


@pytest.fixture(scope="session")
def user() -> Terms:
    """The terms of a request with a user @context."""
    return USER
