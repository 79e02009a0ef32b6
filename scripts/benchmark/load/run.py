"""The scenes: start an engine, let its users at it, print, write."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from lib.console import fail, step
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from benchmark.environment import ensure_model
from benchmark.load.box import Box
from benchmark.load.figures import Scene, jain, scene_of, tokens_of
from benchmark.load.line import Line
from benchmark.load.typist import Greedy, Typist
from benchmark.machine import machine, versions
from benchmark.session.recording import Recording, read_recording
from lsp_server.core.settings import DEFAULT_MODEL

WIDTH = 130
GREEDY_TOKENS, POLITE_TOKENS = 96, 24
WANTING = 2
"""Fills that each polite user has waiting where all are to be compared."""
OTHERS = [f"greedy{number}" for number in range(64)]
"""Further keys of the greedy user, for comparison."""


def run(options: argparse.Namespace) -> None:
    """Do what scripts/load_engine is asked to; the exit status is 1 if anything was lost."""
    if not options.engine:
        ensure_model(DEFAULT_MODEL)
    recording = read_recording()
    scenes: list[Scene] = []
    for parallel in options.parallel:
        for editors in options.editors:
            scenes += asyncio.run(_with_engine(recording, editors, parallel, options))
    Console(width=WIDTH).print(_table(scenes))
    if options.json:
        content = {"machine": machine(), "versions": versions(), "scenes": [asdict(each) for each in scenes]}
        options.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    for trouble, count in Counter(each for scene in scenes for each in scene.troubles).items():
        fail(f"{count} lost: {trouble}")
    sys.exit(any(scene.lost for scene in scenes))


async def _with_engine(
    recording: Recording, editors: int, parallel: int, options: argparse.Namespace
) -> list[Scene]:
    users = [f"user{number}" for number in range(editors)]
    with tempfile.TemporaryDirectory(prefix="remask-load-") as folder:
        box = Box(Path(folder), [*users, "greedy", *OTHERS], parallel=parallel, command=options.engine)
        try:
            with step(f"engine, --parallel {parallel}"):
                await box.start()
            stage = Stage(box, recording, users, parallel, options)
            scenes = []
            for name in options.scenes:
                with step(f"{editors} users, {name}"):
                    scenes += await getattr(stage, name)()
            await box.stop()
        finally:
            box.kill()
    return scenes


class Stage:
    """The scenes with one engine and so many users."""

    def __init__(
        self, box: Box, recording: Recording, users: list[str], parallel: int, options: argparse.Namespace
    ) -> None:
        self._box = box
        self._recording = recording
        self._users = users
        self._parallel = parallel
        self._seconds = options.seconds
        self._greed = options.greed

    async def editors(self) -> list[Scene]:
        """All type."""
        lines = self._lines(self._users)
        seconds = await self._type(lines)
        return [scene_of("editors", self._parallel, seconds, [line.asked for line in lines])]

    async def greedy(self) -> list[Scene]:
        """All type, beside one who always has more long fills waiting than there are users."""
        lines, (greedy,) = self._lines(self._users), self._lines(["greedy"])
        wanting = Greedy(self._recording, [greedy], width=self._greed, tokens=GREEDY_TOKENS)
        until = time.perf_counter() + self._seconds
        seconds, _ = await asyncio.gather(self._type(lines), wanting.ask(until))
        await greedy.close()
        polite = [line.asked for line in lines]
        return [scene_of("greedy", self._parallel, seconds, polite, greedy.asked)]

    async def fairness(self) -> list[Scene]:
        """All want more than they can get: the greedy user has one key, then one for each fill."""
        return [
            await self._contest("fairness", ["greedy"]),
            await self._contest("a key for each name", OTHERS[: self._greed]),
        ]

    async def restart(self) -> list[Scene]:
        """All type while the engine leaves and comes back."""
        lines = self._lines(self._users)

        async def again() -> None:
            await asyncio.sleep(self._seconds / 3)
            status = await self._box.stop()
            if status:
                raise RuntimeError(f"the engine left with status {status}")
            await self._box.start()

        seconds, _ = await asyncio.gather(self._type(lines), again())
        return [scene_of("restart", self._parallel, seconds, [line.asked for line in lines])]

    async def _contest(self, name: str, keys: list[str]) -> Scene:
        polite, others = self._lines(self._users), self._lines(keys)
        until = time.perf_counter() + self._seconds
        wanting = [Greedy(self._recording, [line], width=WANTING, tokens=POLITE_TOKENS) for line in polite]
        wanting.append(Greedy(self._recording, others, width=self._greed, tokens=POLITE_TOKENS))
        await asyncio.gather(*(each.ask(until) for each in wanting))
        got = {f"polite{number}": line.asked for number, line in enumerate(polite)}
        got["greedy"] = [asked for line in others for asked in line.asked]
        for line in (*polite, *others):
            await line.close()
        fair = jain(tokens_of(got))
        asked = [line.asked for line in polite]
        return scene_of(name, self._parallel, self._seconds, asked, got["greedy"], fairness=fair)

    async def _type(self, lines: list[Line]) -> float:
        """Each from another place of the recording on; how long it took."""
        strokes, started = len(self._recording.strokes), time.perf_counter()
        typists = [
            Typist(self._recording, line, number * strokes // len(lines)) for number, line in enumerate(lines)
        ]
        await asyncio.gather(*(each.type(started + self._seconds) for each in typists))
        for line in lines:
            await line.close()
        return time.perf_counter() - started

    def _lines(self, users: list[str]) -> list[Line]:
        return [Line(user, self._box.url, self._box.keys[user]) for user in users]


def _table(scenes: list[Scene]) -> Table:
    table = Table(title="A team's engine under load", box=SIMPLE, padding=(0, 1))
    headings = ("scene", "at once", "users", "asked", "answered", "withdrawn", "lost", "again", "/s")
    for heading in (*headings, "tokens/s", "p50 ms", "p99 ms", "worst", "Jain", "greedy's"):
        table.add_column(heading, justify="left" if heading == "scene" else "right")
    for each in scenes:
        cells = (
            each.scene,
            each.parallel or "auto",
            each.users,
            each.asked,
            each.answered,
            each.withdrawn,
            each.lost,
            each.again,
            each.answers_per_s,
            each.tokens_per_s,
            each.p50_ms,
            each.p99_ms,
            each.worst_ms,
            each.fairness,
            each.greedy_share,
        )
        table.add_row(*("" if cell is None else str(cell) for cell in cells))
    return table
