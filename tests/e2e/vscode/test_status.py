"""What Remask does in VS Code, why it is silent, and that it comes back."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.e2e.vscode.window import Window, missing

if TYPE_CHECKING:
    from tests.lsp.conftest import Standin

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(bool(missing()), reason=f"scripts/test installs what is missing: {missing()}"),
]


def test_the_status_bar_snoozes_and_wakes(window: Window, standin: Standin) -> None:
    """A click offers to snooze; the item says that it is, nothing is suggested, and waking undoes it."""
    standin.answers({"fill": "1"})
    window.edit("snooze.py", "")
    window.menu()
    window.picture("menu")
    window.choose("Snooze for 10 minutes")
    window.status("snoozed")
    window.menu()
    window.choose("Resume suggestions")
    window.status("ready")
    window.type("x = ")
    window.ghost("1")


def test_a_language_is_turned_off(window: Window, standin: Standin) -> None:
    """The menu writes the setting, the server follows it at once and says why it is silent; and back."""
    standin.answers({"fill": "1"})
    window.edit("off.py", "")
    window.menu()
    window.choose("Turn off for python")
    window.type("x = ")
    window.status("turned off for this language")
    window.menu()
    window.choose("Turn on for python")
    window.type("1 + ")
    window.ghost("1")


def test_an_engine_that_dies_comes_back(window: Window, standin: Standin) -> None:
    """Killed without a word, it is started again by what is typed next."""
    standin.answers({"fill": "1"})
    window.edit("killed.py", "")
    standin.kill()
    window.wake("1")


def test_the_server_is_restarted(window: Window, standin: Standin) -> None:
    """The command ends it and starts another, which knows the files that are open."""
    standin.answers({"fill": "1"})
    window.edit("restarted.py", "x")
    before = window.servers()
    window.command("Remask: Restart")
    window.until(lambda: len(window.servers() - before) == 1 and not window.servers() & before)
    window.status("ready")
    window.wake("1")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals to hold a process up with")
def test_a_server_that_hangs_is_replaced(window: Window, standin: Standin) -> None:
    """One that answers no more is killed, without an error for the user, and the next one works."""
    standin.answers({"fill": "1"})
    window.edit("hangs.py", "x")
    before = window.servers()
    (hung,) = before
    psutil.Process(hung).send_signal(signal.SIGSTOP)
    window.command("Remask: Restart")
    window.until(lambda: not psutil.pid_exists(hung))
    window.until(lambda: len(window.servers() - before) == 1)
    window.status("ready")
    assert not window.page.locator(".notification-list-item").all_inner_texts()
    window.wake("1")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals to hold a process up with")
def test_a_server_that_never_gets_ready_is_replaced(window: Window, standin: Standin) -> None:
    """A restart does not wait for the start before it, and of several the last one's server stays."""
    standin.answers({"fill": "1"})
    window.edit("stuck.py", "x")
    before = window.servers()
    window.command("Remask: Restart")
    window.until(lambda: bool(window.servers() - before))
    (stuck,) = window.servers() - before
    psutil.Process(stuck).send_signal(signal.SIGSTOP)
    window.command("Remask: Restart")
    window.command("Remask: Restart")
    window.until(lambda: len(window.servers()) == 1 and not window.servers() & {*before, stuck})
    window.status("ready")
    window.wake("1")
    assert len(window.servers()) == 1
