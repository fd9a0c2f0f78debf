"""Makes `model_samples` importable, whichever way pytest imports tests."""

import sys
from pathlib import Path

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))
settings.register_profile("no deadline", settings.default, deadline=None)  # machines are shared; laws are not timings
settings.load_profile("no deadline")


@pytest.fixture(scope="session")
def user() -> object:
    """The terms of a request with a user @context."""
    from model_samples import USER

    return USER
