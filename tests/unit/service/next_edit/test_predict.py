"""The model as judge, and when there is silence."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from lsp_server.core.edits import apply_in_turn
from lsp_server.core.errors import EngineUnavailable, Superseded
from lsp_server.core.settings import NextEditSettings
from lsp_server.core.types import Document, Edit, Silence, Span
from lsp_server.service.next_edit.refused import MOST_OFFERS
from tests.unit.service.next_edit.conftest import Predicting

pytestmark = pytest.mark.asyncio

BEFORE = "def f(items):\n    return items\n"
AFTER = "def f(rows):\n    return items\n"


async def test_a_likelier_line_is_offered(predicting: Predicting) -> None:
    """The edit is against the document as it is."""
    predicting.engine.likely = {"items": 0.01}
    found = (await predicting.editor.predict(predicting.edited(BEFORE, AFTER))).edit
    assert found
    assert found.candidate.edit == Edit(Span(24, 29), "rows")
    assert found.gain == pytest.approx(3.91, abs=0.01)


async def test_the_model_sees_both_sides_and_the_change(predicting: Predicting) -> None:
    """It judges the line twice over the same context, masks nothing, and gives way to everybody."""
    predicting.engine.likely = {"items": 0.01}
    await predicting.editor.predict(predicting.edited(BEFORE, AFTER))
    texts = [each.text[each.holes[0].start : each.holes[0].end] for each in predicting.engine.requests]
    assert texts == ["    return items\n", "    return rows\n"]
    for request in predicting.engine.requests:
        assert (request.ahead, request.document, request.holes[0].strength) == (True, "", 0.0)
        assert request.text.startswith("def f(rows):\n")
        assert not request.snippets


async def test_a_change_out_of_sight_is_shown(predicting: Predicting) -> None:
    """In another document: what was written, without what stood there, which would make that likelier."""
    predicting.engine.likely = {"load": 0.01}
    predicting.documents.open(Document("b", "python", "from a import load\n\nload(1)\n"))
    before = "def load(x): ...\n"
    document = predicting.edited(before, before.replace("load", "read"))
    found = (await predicting.editor.predict(document)).edit
    assert found
    assert found.candidate.document.key == "b"
    assert {each.snippets[-1].text for each in predicting.engine.requests} == {"def read(x): ..."}


async def test_quiet_when_the_model_is_not_surprised(predicting: Predicting) -> None:
    """What stands there is far likelier than what would."""
    predicting.engine.likely = {"rows": 1e-8}
    predicted = await predicting.editor.predict(predicting.edited(BEFORE, AFTER))
    assert (predicted.edit, predicted.silence) == (None, Silence.LOW_CONFIDENCE)


async def test_nothing_to_do_asks_nobody(predicting: Predicting) -> None:
    """Without a place that may follow, the model is left alone."""
    predicted = await predicting.editor.predict(predicting.edited("a = 1\n", "a = 2\n"))
    assert predicted.silence is Silence.NOTHING_TO_CHANGE
    assert not predicting.engine.requests


async def test_what_was_refused_is_not_offered_again(predicting: Predicting) -> None:
    """Nor after more edits above it, which move it."""
    predicting.engine.likely = {"items": 0.01}
    document = predicting.edited(BEFORE, AFTER)
    found = (await predicting.editor.predict(document)).edit
    assert found
    assert predicting.editor.refused(found.id)
    assert not predicting.editor.refused(found.id)
    assert (await predicting.editor.predict(document)).edit is None
    longer = predicting.edited(document.text, document.text.replace("(rows)", "(rows, x)"))
    assert (await predicting.editor.predict(longer)).edit is None


async def test_what_was_offered_often_enough_is_left_alone(predicting: Predicting) -> None:
    """Editors that do not say no are understood as well."""
    predicting.engine.likely = {"items": 0.01}
    document = predicting.edited(BEFORE, AFTER)
    offers = [(await predicting.editor.predict(document)).edit for _ in range(MOST_OFFERS + 1)]
    assert all(offers[:-1])
    assert offers[-1] is None


async def test_taking_one_leads_to_the_next(predicting: Predicting) -> None:
    """Use after use of a renamed parameter, then silence."""
    predicting.engine.likely = {"items": 0.01}
    before = "def f(items):\n    a(items)\n\n    b(items)\n"
    document = predicting.edited(before, before.replace("(items)", "(rows)", 1))
    for _ in range(2):
        found = (await predicting.editor.predict(document)).edit
        assert found
        assert predicting.editor.taken(found.id)
        document = predicting.documents.change("a", [found.candidate.edit], None)
    assert document.text == before.replace("items", "rows")
    assert (await predicting.editor.predict(document)).edit is None


async def test_the_text_that_moved_on_gets_nothing(predicting: Predicting) -> None:
    """The answer is for a text that is gone."""
    predicting.engine.likely = {"items": 0.01}
    document = predicting.edited(BEFORE, AFTER)
    predicting.engine.during = lambda: predicting.documents.change("a", [Edit(Span(0, 0), "#")], None)
    assert (await predicting.editor.predict(document)).silence is Silence.STALE


async def test_the_newest_question_wins(predicting: Predicting) -> None:
    """An older one is answered with nothing."""
    predicting.engine.likely = {"items": 0.01}
    document = predicting.edited(BEFORE, AFTER)
    older, newer = await asyncio.gather(*(predicting.editor.predict(document) for _ in range(2)))
    assert older.edit is None
    assert newer.edit is not None


@pytest.mark.parametrize(
    ("error", "silence"),
    [(Superseded("a completion"), Silence.SUPERSEDED), (EngineUnavailable("none"), Silence.ENGINE_DOWN)],
)
async def test_an_engine_that_is_busy_or_gone_means_silence(
    predicting: Predicting, error: Exception, silence: Silence
) -> None:
    """A completion comes first, and a missing engine is no error."""
    predicting.engine.error = error
    predicted = await predicting.editor.predict(predicting.edited(BEFORE, AFTER))
    assert predicted.silence is silence


async def test_it_can_be_turned_off(predicting: Predicting) -> None:
    """And is silent in ignored files; the model is not asked."""
    document = predicting.edited(BEFORE, AFTER)
    predicting.excluded = Silence.IGNORED_FILE
    assert (await predicting.editor.predict(document)).silence is Silence.IGNORED_FILE
    predicting.settings = replace(predicting.settings, next_edit=NextEditSettings(enabled=False))
    assert (await predicting.editor.predict(document)).silence is Silence.DISABLED
    assert not predicting.engine.requests


async def test_a_document_nothing_was_changed_in_gets_nothing(predicting: Predicting) -> None:
    """The last change was elsewhere."""
    predicting.edited(BEFORE, AFTER)
    other = predicting.documents.open(Document("b", "python", "x = 1\n"))
    assert (await predicting.editor.predict(other)).silence is Silence.NOT_HERE


@pytest.mark.parametrize(
    ("writes", "line"),
    [
        ("None", "x = f(1, None)"),
        ("g(2, [3])", "x = f(1, g(2, [3]))"),
        ("2, 3", None),
        ("2)", None),
        ("(2", None),
        ("", None),
    ],
)
async def test_an_argument_is_written_by_the_model(
    predicting: Predicting, writes: str, line: str | None
) -> None:
    """Where nothing of the new parameter's name is known; one argument or none, and it is judged as well."""
    before = "def f(a): ...\n\n\nx = f(1)\n"
    predicting.engine.likely = {"f(1)": 0.01}
    predicting.engine.writes = writes
    found = (await predicting.editor.predict(predicting.edited(before, before.replace("(a)", "(a, c)")))).edit
    made = found and apply_in_turn(found.candidate.document.text, [found.candidate.edit]).splitlines()[-1]
    assert made == line
    written = predicting.engine.requests[0]
    assert written.text[: written.holes[0].start].endswith("x = f(1, ")
