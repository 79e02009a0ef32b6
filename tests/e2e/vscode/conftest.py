"""One real VS Code window for the tests of a file, with the stand-in for the model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.e2e.vscode.window import Window, opened_window

if TYPE_CHECKING:
    from tests.lsp.conftest import Standin


@pytest.fixture(scope="module")
def opened(shared_standin: Standin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    """One window for all tests, each of which edits a file of its own."""
    with opened_window(tmp_path_factory.mktemp("vscode"), shared_standin.env) as window:
        shared_standin.answers({"fill": "1"})
        window.wake("1")
        yield window


@pytest.fixture
def window(opened: Window, standin: Standin, request: pytest.FixtureRequest) -> Iterator[Window]:
    """The window, of which each test leaves a picture, and what is shown of it should it fail."""
    yield opened
    opened.picture(request.node.name)
    print(opened.told(), *standin.logged(), sep="\n")  # noqa: T201 -- pytest keeps it for a failure
    opened.press("Escape", "Escape")
