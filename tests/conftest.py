"""What every room's tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def repository() -> Path:
    """The checkout that the tests run in."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real news beside the checkout; the test is skipped where it is missing."""
    folder = Path(os.environ.get("NEWSSEARCH_SHARED", REPOSITORY.parent / "shared"))
    if not (folder / "corpus").is_dir():
        pytest.skip(f"no real news at {folder}: put the shared folder beside the checkout or set NEWSSEARCH_SHARED")
    return folder
