"""Every problem in every way: fill, test, keep a record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from lsp_server.evaluation.filling import Asker, request_for
from lsp_server.evaluation.problems import Problem
from lsp_server.evaluation.records import Record, Records, key_of
from lsp_server.evaluation.sandbox import Outcome, run_program
from lsp_server.evaluation.ways import Way


@dataclass(slots=True)
class Trials:
    """Runs a program once, however many ways wrote it."""

    run: Callable[[str], Outcome] = run_program
    _known: dict[str, Outcome] = field(default_factory=dict)

    def outcome(self, problem: Problem, fill: str) -> Outcome | None:
        """How the test of a problem ends with this fill; None if it has none."""
        program = problem.program(fill)
        if not program:
            return None
        if program not in self._known:
            self._known[program] = self.run(program)
        return self._known[program]


def evaluate(
    problems: Sequence[Problem],
    ways: Sequence[Way],
    asker: Asker,
    records: Records,
    *,
    model: str,
    trials: Trials,
    rescore: bool = False,
) -> Iterator[list[Record]]:
    """For each problem the records of all ways, in their order; from `records` where it is known there.

    The ways take turns in going first. `model` names weights and precision: fills of
    others are not used. With `rescore` the tests of known fills are run again.
    """
    for index, problem in enumerate(problems):
        first, is_read = index % len(ways), False
        found: dict[Way, Record] = {}
        for way in (*ways[first:], *ways[:first]):
            key = key_of(request_for(problem, way.sampling, candidates=way.count), way, model)
            record = records.get(key)
            if record is None:
                if not is_read:
                    asker.read(problem)
                    is_read = True
                filled = asker.fill(problem, way)
                record = Record.of(key, problem, way, filled, trials.outcome(problem, filled.text))
                records.add(record)
            elif rescore:
                record = msgspec.structs.replace(record, outcome=trials.outcome(problem, record.text))
                records.add(record)
            # the same text may stand in two benchmarks
            found[way] = msgspec.structs.replace(record, benchmark=problem.benchmark, problem=problem.name)
        yield [found[way] for way in ways]
