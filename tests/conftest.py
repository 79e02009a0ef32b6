"""For all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("remask", deadline=None)  # a busy machine is no failure
settings.load_profile("remask")


@pytest.fixture(scope="session", autouse=True)
def _users_data_spared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What servers under test count is not added to what the user's own counted."""
    before = os.environ.get("REMASK_DATA_DIR")
    os.environ["REMASK_DATA_DIR"] = str(tmp_path_factory.mktemp("data"))
    yield
    del os.environ["REMASK_DATA_DIR"]
    if before is not None:
        os.environ["REMASK_DATA_DIR"] = before


@pytest.fixture(scope="session", autouse=True)
def _users_answers_spared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What the user has allowed to leave the machine is neither read nor changed by a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REMASK_CONFIG_DIR", str(tmp_path_factory.mktemp("config")))
        yield
