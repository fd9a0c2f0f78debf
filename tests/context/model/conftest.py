"""Makes `model_samples` importable, whichever way pytest imports tests."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def user() -> object:
    """The terms of a request with a user @context."""
    from model_samples import USER

    return USER
