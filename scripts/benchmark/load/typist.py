"""Users: one who types, through all that an editor's server does, and one who always wants more."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from benchmark.load.line import Line
from benchmark.session.recording import Recording, Stroke
from lsp_server.context.gather import Gatherer
from lsp_server.context.recent import RecentEdits
from lsp_server.context.workspace import Workspace
from lsp_server.core.errors import RemaskError
from lsp_server.core.settings import Settings
from lsp_server.core.types import Document, Edit, Span
from lsp_server.engine.protocol import FillRequest, Hole
from lsp_server.service.ahead import ReadAhead
from lsp_server.service.asking import Asker
from lsp_server.service.complete import Completer
from lsp_server.service.documents import Documents
from lsp_server.service.gate import Gate
from lsp_server.service.status import StatusBoard

SETTINGS = Settings()


class Typist:
    """The recording, typed from its stroke `first` on, and again from the start when it is over."""

    def __init__(self, recording: Recording, line: Line, first: int) -> None:
        self._recording = recording
        self._first = first
        recent, workspace = RecentEdits(), Workspace()
        self._documents, gate = Documents(recent), Gate(workspace.excluded)
        asker = Asker(documents=self._documents, gatherer=Gatherer(workspace, recent), engine=line)
        self._completer = Completer(
            documents=self._documents,
            gate=gate,
            asker=asker,
            engine=line,
            board=StatusBoard(),
            settings_for=lambda _: SETTINGS,
            has_power=lambda: True,
        )
        self._ahead = ReadAhead(
            documents=self._documents,
            gate=gate,
            asker=asker,
            engine=line,
            settings_for=lambda _: SETTINGS,
            has_power=lambda: True,
        )
        self._asking: set[asyncio.Task[None]] = set()

    async def type(self, until: float) -> None:
        """Until `time.perf_counter()` says so; then what is under way is waited for."""
        number, strokes = self._first, self._recording.strokes
        while time.perf_counter() < until:
            number = await self._type_from(number, until)
            number %= len(strokes)
        await asyncio.gather(*self._asking)
        await self._ahead.close()
        await self._completer.close()

    async def _type_from(self, number: int, until: float) -> int:
        """Open the document as stroke `number` finds it, and type to the end; the next stroke's number."""
        recording, strokes = self._recording, self._recording.strokes
        text = strokes[number - 1].document if number else recording.text
        document = Document(recording.path, recording.language, text, Path(recording.path))
        self._documents.open(document)
        self._ahead.opened(document.key)
        began = time.perf_counter() - strokes[number].at_ms / 1000
        for stroke in strokes[number:]:
            due = began + stroke.at_ms / 1000
            if due > until:
                break
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            self._stroke(document.key, stroke)
            number += 1
        else:
            await asyncio.sleep(strokes[-1].pause_ms / 1000)
        if number < len(strokes):
            return number
        self._documents.close(document.key)
        return 0

    def _stroke(self, key: str, stroke: Stroke) -> None:
        edit = Edit(Span(stroke.start, stroke.end), stroke.typed)
        document = self._documents.change(key, [edit], None)
        self._ahead.rests(key, stroke.cursor)
        asking = asyncio.create_task(self._ask(document, stroke.cursor))
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)

    async def _ask(self, document: Document, offset: int) -> None:
        await self._completer.complete(document, offset, invoked=False)


class Greedy:
    """Wants `width` fills of `tokens` at once, always, each under another client's name; it pauses never."""

    def __init__(self, recording: Recording, lines: list[Line], *, width: int, tokens: int) -> None:
        self._documents = [stroke.document for stroke in recording.strokes]
        self._lines = lines
        self._width = width
        self._tokens = tokens

    async def ask(self, until: float) -> None:
        """Until `time.perf_counter()` says so; then what is under way is withdrawn."""
        asking = [asyncio.create_task(self._again_and_again(number)) for number in range(self._width)]
        await asyncio.sleep(max(0.0, until - time.perf_counter()))
        for each in asking:
            each.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    async def _again_and_again(self, number: int) -> None:
        turn = number
        while True:
            text = self._documents[turn * 17 % len(self._documents)]
            at = len(text) // 2
            request = FillRequest(
                text[:at][-1200:] + text[at:][:300],
                (Hole(min(at, 1200), min(at, 1200), max_tokens=self._tokens),),
                client=f"client {number}",
                language="python",
                budget_ms=60_000,
            )
            try:
                await self._lines[number % len(self._lines)].fill(request)
            except RemaskError:
                await asyncio.sleep(0.1)
            turn += self._width
