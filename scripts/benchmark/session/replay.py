"""Replaying a recording with its pauses: through the language server, and against llama.cpp."""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmark.llama import LlamaSide
from benchmark.processes import cpu_seconds, peak_mib
from benchmark.session.editor import Editor
from benchmark.session.outcome import Outcome, Replay, outcome_of
from benchmark.session.recording import DEBOUNCE_MS, Recording, Stroke
from benchmark.sides import Ask
from lsp_server.context.window import cut_window
from lsp_server.core.settings import Settings
from lsp_server.core.types import Span

SETTINGS = Settings()


@dataclass(frozen=True, slots=True)
class Shown:
    """A suggestion that was shown after a stroke."""

    after: Stroke
    text: str

    def rest(self, stroke: Stroke) -> str:
        """What is left of it if it was typed along as far as `stroke`; else nothing."""
        start, document = self.after.cursor, self.after.document
        typed = stroke.document[start : max(start, stroke.cursor)]
        along = self.text.startswith(typed) and stroke.document == document[:start] + typed + document[start:]
        rest = self.text[len(typed) :] if along else ""
        return rest if rest.strip() else ""


def replay_remask(recording: Recording, engine_pid: int) -> tuple[Replay, int]:
    """The session through `remask serve` and the running engine; with the server's peak memory in MiB."""
    with tempfile.TemporaryDirectory(prefix="remask-session-") as folder:
        return asyncio.run(_through_server(recording, engine_pid, Path(folder).resolve()))


def replay_llama(recording: Recording, side: LlamaSide) -> Replay:
    """The session as a plain fill-in-the-middle plugin would ask llama.cpp, with every benefit.

    It asks in the pauses alone, as if it knew which strokes are a burst's last, with Remask's own
    debounce and window (which moves in steps, so that the prompt cache is of use). The context at the start
    is read beforehand, one line is enough, and a suggestion that is being typed along stays, at no cost.
    The next stroke waits for an answer that is late, so that its time is known; processor time is
    counted up to where that stroke would have withdrawn the question.
    """
    side.fill(_ask(recording.text, recording.strokes[0].start))
    outcomes: list[Outcome] = []
    shown: Shown | None = None
    cpu_s = 0.0
    began = time.perf_counter()
    for number, stroke in enumerate(recording.pauses):
        if shown and (rest := shown.rest(stroke)):
            outcomes.append(outcome_of(number, stroke, 0.0, rest))
            continue
        asked = began + (stroke.at_ms + DEBOUNCE_MS) / 1000
        time.sleep(max(0.0, asked - time.perf_counter()))
        before = side.cpu_seconds()
        fill = side.fill_line(_ask(stroke.document, stroke.cursor))
        took = (time.perf_counter() - asked) * 1000
        left = stroke.pause_ms - DEBOUNCE_MS
        cpu_s += (side.cpu_seconds() - before) * min(1.0, left / took)
        began += max(0.0, took - left) / 1000
        outcome = outcome_of(number, stroke, took + DEBOUNCE_MS, fill.text)
        shown = Shown(stroke, outcome.text) if outcome.fate == "shown" else shown
        outcomes.append(outcome)
    return Replay(side.name, tuple(outcomes), cpu_s)


async def _through_server(recording: Recording, engine_pid: int, folder: Path) -> tuple[Replay, int]:
    engine_before = cpu_seconds(engine_pid)
    editor = Editor()
    server = await editor.open(folder, recording.path, recording.language, recording.text)
    server_before = cpu_seconds(server)
    answers = await _type(recording, editor)
    cpu_s = cpu_seconds(engine_pid) - engine_before + cpu_seconds(server) - server_before
    peak = peak_mib(server)
    await editor.close()
    outcomes = [
        outcome_of(number, stroke, *answers.get(stroke.at_ms, (None, "")))
        for number, stroke in enumerate(recording.pauses)
    ]
    return Replay("remask", tuple(outcomes), cpu_s), peak


async def _type(recording: Recording, editor: Editor) -> dict[float, tuple[float, str]]:
    """Milliseconds from a stroke to its answer, and the answer, by the stroke's time."""
    answers: dict[float, tuple[float, str]] = {}
    began = time.perf_counter()
    text = recording.text
    for stroke in recording.strokes:
        due = began + stroke.at_ms / 1000
        await asyncio.sleep(max(0.0, due - time.perf_counter()))

        def heard(at: float, said: str, stroke: Stroke = stroke, due: float = due) -> None:
            answers[stroke.at_ms] = (at - due) * 1000, said

        editor.change(text, stroke, heard)
        text = stroke.document
    await asyncio.sleep(recording.strokes[-1].pause_ms / 1000)
    return answers


def _ask(text: str, cursor: int) -> Ask:
    """One line at `cursor`, in the window that Remask's server would cut."""
    context = SETTINGS.context
    tokens = {"prefix_tokens": context.prefix_tokens, "suffix_tokens": context.suffix_tokens}
    window = cut_window(text, Span(cursor, cursor), **tokens)
    at = cursor - window.start
    return Ask(window.text[:at], window.text[at:])
