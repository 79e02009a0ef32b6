"""Everybody who takes part in scripts/bench: started, timed, and asked in turn."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import psutil
from lib.console import step

from benchmark.bystanders import settle
from benchmark.compare import Case, Record, compare
from benchmark.llama import LlamaSide
from benchmark.problems import Problem
from benchmark.processes import peak_mib
from benchmark.progress import counting
from benchmark.ready import drop_from_memory, timed_start
from benchmark.remask import EngineSide, InProcessSide
from benchmark.session.outcome import Replay
from benchmark.session.recording import read_recording
from benchmark.session.replay import replay_llama, replay_remask
from benchmark.sides import Side
from lsp_server.core.settings import DEFAULT_MODEL
from lsp_server.engine.protocol import Decode, Sampling
from lsp_server.engine.runtime.fill import DiffusionFiller
from lsp_server.engine.store import files
from lsp_server.engine.store.manifest import entry


@dataclass
class Contest:
    """The sides, and what was learnt of them besides their fills.

    `alone` is the filler without its engine, if it takes part.
    """

    options: argparse.Namespace
    remask: EngineSide
    llama: LlamaSide
    alone: InProcessSide | None
    ready: dict[str, dict[str, float]]
    """Seconds from a side's start to its first token: the first time, and the second."""
    server_mib: int = 0
    """The most memory that the language server held, in MiB."""

    @property
    def sides(self) -> list[Side]:
        """All of them, in the order of the table."""
        return [self.remask, *([self.alone] if self.alone else []), self.llama]

    def fills(self, case: Case, problems: Sequence[Problem], *, steps: int = 0) -> list[Record]:
        """Every hole on every side, in turn."""
        with counting(f"{case}: {len(problems)} holes", len(problems)) as advance:
            return compare(
                problems,
                self.sides,
                case=case,
                keystrokes=self.options.keystrokes,
                steps=steps,
                settle=lambda: settle(self.options.patience),
                on_done=advance,
            )

    def typing(self, sessions: int) -> list[Replay]:
        """The recorded session on either side, as often as asked, taking turns in going first."""
        recording = read_recording()
        replays: list[Replay] = []

        def remask() -> Replay:
            found, peak = replay_remask(recording, self.remask.pid)
            self.server_mib = max(self.server_mib, peak)
            return found

        turns: list[Callable[[], Replay]] = [remask, lambda: replay_llama(recording, self.llama)]
        with counting(
            f"typing: {len(turns) * sessions} times {recording.seconds:.0f} s", 2 * sessions
        ) as advance:
            for number in range(sessions):
                for turn in turns if number % 2 == 0 else turns[::-1]:
                    settle(self.options.patience)
                    for side in (self.remask, self.llama):
                        side.forget()
                    replays.append(turn())
                    advance()
        return replays

    def peaks_mib(self) -> dict[str, int]:
        """The most memory that each process has held so far, in MiB."""
        engine = peak_mib(self.remask.pid)
        return {
            "remask": engine + self.server_mib,
            "remask_engine": engine,
            "remask_server": self.server_mib,
            "llama_cpp": peak_mib(self.llama.pid),
        }


def start(
    options: argparse.Namespace, threads: int, filler: Callable[[], DiffusionFiller], stack: ExitStack
) -> Contest:
    """Start everybody, twice to time it, with the same number of threads and the same priority."""
    sampling = Sampling(decode=Decode(options.decode))
    gguf = files.require(DEFAULT_MODEL)

    def engine() -> EngineSide:
        return EngineSide(DEFAULT_MODEL, threads, sampling)

    def worker() -> LlamaSide:
        return LlamaSide(options.llama_python or sys.executable, gguf, threads)

    with step("starting Remask's engine"):
        engine().close()  # prepares the weights if need be
    ready: dict[str, dict[str, float]] = {"remask": {}, "llama_cpp": {}}
    prepared = files.prepared_dir(entry(DEFAULT_MODEL)).glob("*.safetensors")
    with step("starting both once"):
        drop_from_memory([gguf, *prepared])
        remask, ready["remask"]["first"] = timed_start(engine)
        remask.close()
        drop_from_memory([gguf])
        llama, ready["llama_cpp"]["first"] = timed_start(worker)
        llama.close()
    with step("and again"):
        remask, ready["remask"]["second"] = timed_start(engine)
        stack.callback(remask.close)
        # whatever priority the engine gives itself holds for those it is compared with
        psutil.Process().nice(psutil.Process(remask.pid).nice())
        llama, ready["llama_cpp"]["second"] = timed_start(worker)
        stack.callback(llama.close)
    alone = None if options.no_in_process else InProcessSide(filler(), sampling)
    return Contest(options, remask, llama, alone, ready)
