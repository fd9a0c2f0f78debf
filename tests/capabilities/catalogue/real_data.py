"""Where is the real open data to test against? In ../shared beside the checkout; tests that need it skip, saying so, elsewhere."""

from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"


def real(*names: str) -> list[Path]:
    """These files of the shared data, or a skip."""
    paths = [DATA / name for name in names]
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        pytest.skip(f"no shared data beside this checkout: {missing[0]}")
    return paths


def real_folder(name: str, pattern: str) -> list[Path]:
    """All files of a folder of the shared data, or a skip."""
    (folder,) = real(name)
    return sorted(folder.glob(pattern))
