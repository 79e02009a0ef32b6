from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from completions import Stage, staged


@pytest.fixture
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither environment nor keyring has a key."""
    from lsp_server.engine.remote import key

    for variable in (key.VARIABLE, key.INCEPTION_VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(key, "_keyring", lambda: None)


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    """A server with nothing to say yet."""
    async with staged(Stage()) as found:
        yield found
