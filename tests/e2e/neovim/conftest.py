"""Real Neovims with the plugin. Starting one with its server takes seconds, so tests share them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.e2e.neovim.session import WAYS, Start, Vim, configuration, neovims
from tests.lsp.conftest import Standin


@pytest.fixture(scope="session")
def start(shared_standin: Standin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    with neovims(shared_standin.env, tmp_path_factory) as start:
        yield start


@dataclass
class Kept:
    """Neovims with the plugin that tests share."""

    start: Start
    running: dict[tuple[str, str], Vim] = field(default_factory=dict)

    def of(self, request: pytest.FixtureRequest, version: str, ghost: str) -> Iterator[Vim]:
        """One for a test; after one that failed it is not used again."""
        way = (version, ghost)
        if way not in self.running:
            self.running[way] = self.start(version, configuration(ghost))
        failed = request.session.testsfailed
        yield self.running[way]
        if request.session.testsfailed > failed:
            del self.running[way]
        else:
            self.running[way].forget()


@pytest.fixture(scope="session")
def kept(start: Start) -> Kept:
    return Kept(start)


@pytest.fixture(params=WAYS, ids="-".join)
def vim(request: pytest.FixtureRequest, kept: Kept, standin: Standin) -> Iterator[Vim]:
    """Every version, with each way of drawing it has."""
    yield from kept.of(request, *request.param)


@pytest.fixture(params=["0.11", "0.12"])
def each_vim(request: pytest.FixtureRequest, kept: Kept, standin: Standin) -> Iterator[Vim]:
    """Every version, as it is set up by default."""
    yield from kept.of(request, request.param, "builtin" if request.param == "0.12" else "own")
