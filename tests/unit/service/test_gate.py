from __future__ import annotations

import pytest

from lsp_server.core.settings import Settings
from lsp_server.core.types import Document, Silence
from lsp_server.service.gate import MOST_CHARS, Gate


@pytest.mark.parametrize(
    ("text", "settings", "excluded", "unasked", "asked"),
    [
        ("x", Settings(), None, None, None),
        ("", Settings(), None, None, None),
        ("x", Settings(enable=False), None, Silence.DISABLED, None),
        ("x", Settings(languages={"python": False}), None, Silence.DISABLED, None),
        ("x", Settings(languages={"go": False}), None, None, None),
        ("x", Settings(), Silence.IGNORED_FILE, Silence.IGNORED_FILE, None),
        ("x", Settings(), Silence.PRIVATE_FILE, Silence.PRIVATE_FILE, Silence.PRIVATE_FILE),
        ("\x7fELF\0\0", Settings(), None, Silence.UNSUPPORTED_TEXT, Silence.UNSUPPORTED_TEXT),
        ("x" * (MOST_CHARS + 1), Settings(), None, Silence.UNSUPPORTED_TEXT, Silence.UNSUPPORTED_TEXT),
    ],
    ids=["plain", "empty", "off", "language", "other", "ignored", "private", "binary", "large"],
)
def test_what_the_gate_stops(
    text: str,
    settings: Settings,
    excluded: Silence | None,
    unasked: Silence | None,
    asked: Silence | None,
) -> None:
    """Each reason has its silence; what is asked for by hand passes all but what must never pass."""
    gate = Gate(lambda _: excluded)
    document = Document("a", "python", text)
    assert gate.check(document, settings) == unasked
    assert gate.check_asked(document) == asked


def test_a_snooze_ends_by_itself() -> None:
    """A snooze lasts for its minutes, can be ended and can be asked about."""
    now = [100.0]
    gate = Gate(lambda _: None, clock=lambda: now[0])
    document = Document("a", "python", "x")
    gate.snooze(5)
    assert gate.snoozed_until == 400.0
    now[0] = 399.0
    assert gate.check(document, Settings()) is Silence.SNOOZED
    now[0] = 400.0
    assert gate.check(document, Settings()) is None
    assert gate.snoozed_until is None
    gate.snooze(5)
    gate.wake()
    assert gate.check(document, Settings()) is None
    gate.snooze(0)
    assert gate.check(document, Settings()) is None


def test_a_rewrite_silences_its_document() -> None:
    """While a document is rewritten it gets no completions, which would withdraw the rewrite; others do."""
    gate = Gate(lambda _: None)
    one, other = Document("a", "python", "x"), Document("b", "python", "x")
    with gate.rewriting("a"), gate.rewriting("a"):
        assert gate.check(one, Settings()) is Silence.SUPERSEDED
        assert gate.check(other, Settings()) is None
    assert gate.check(one, Settings()) is None
