"""The loop: take steps until the budget is spent, look at held-out examples, save."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from pathlib import Path

from lsp_server.core.errors import RemaskError
from lsp_server.training.loop.checkpoint import Standing
from lsp_server.training.loop.distributed import Team
from lsp_server.training.loop.held_out import evaluate
from lsp_server.training.loop.interrupt import Interrupt, interruptible
from lsp_server.training.loop.keeper import LOG, Keeper, Task
from lsp_server.training.loop.loader import Loader, choose_workers
from lsp_server.training.loop.optimiser import adamw
from lsp_server.training.loop.plan import Planner
from lsp_server.training.loop.progress import Display, Log
from lsp_server.training.loop.report import End, Report
from lsp_server.training.loop.reporter import Reporter
from lsp_server.training.loop.schedule import learning_rate
from lsp_server.training.loop.settings import TrainSettings
from lsp_server.training.loop.step import Stepper

MOST_SKIPPED = 20
"""Steps in a row that are not finite before the run is given up."""


class Trainer:
    """One run. `clock` gives seconds; `began` is when its time began, as before a model was loaded."""

    def __init__(
        self,
        task: Task,
        settings: TrainSettings,
        team: Team,
        display: Display,
        clock: Callable[[], float] = time.monotonic,
        began: float | None = None,
    ) -> None:
        optimiser = adamw(
            task.model.parameters(), rate=settings.learning_rate, weight_decay=settings.weight_decay
        )
        self._task = task
        self._settings = settings
        self._team = team
        self._display = display
        self._log = Log(task.folder / LOG if team.first else None)
        self._keeper = Keeper(task, settings, team, optimiser, display.say)
        self._planner = Planner(settings, team, clock, began)
        self._reporter = Reporter(display, self._log, team)
        self._stepper = Stepper(task.model, optimiser, team, settings, display.say)
        self._standing = Standing()
        self._after: tuple[int, float] | None = None
        self._skipped_in_a_row = 0

    def run(self, *, resume: bool = False, checkpoint: Path | None = None) -> Report:
        """Train until the budget is spent or somebody stops it.

        `resume` goes on from the newest checkpoint of the folder, `checkpoint` from that file.

        Raises:
            BadInput: the folder holds a run that is not to be resumed, or a run of other settings.
            RemaskError: it diverged, memory or disk are full, or a checkpoint cannot be read.
        """
        self._task.folder.mkdir(parents=True, exist_ok=True)
        standing = self._standing = self._keeper.restore(resume=resume, checkpoint=checkpoint)
        earlier = standing.seconds
        with interruptible() as interrupt, self._display:
            if standing.before is None and self._task.held_out:
                began = self._planner.seconds()
                self._look()
                (standing.look_seconds,) = self._team.of_first(self._planner.seconds() - began)
            self._planner.go_on(seconds=earlier, steps=standing.step, last_look_takes=standing.look_seconds)
            self._log.write("begun", step=standing.step, settings=self._settings.identity())
            end = self._steps(interrupt)
            return self._finish(end)

    def _steps(self, interrupt: Interrupt) -> End:
        """Take steps until there is a reason to end."""
        standing = self._standing
        loader = self._loader()
        self._reporter.begin(standing)
        while True:
            plan = self._planner.next(standing.step, asked=interrupt.asked)
            standing.seconds = plan.seconds
            self._display.spent(plan.share)
            if plan.tell or plan.end:
                self._reporter.tell(standing, plan)
                self._planner.told(standing.step)
            if plan.look and self._task.held_out:
                self._look()
            if plan.save:
                self._save()
            if plan.end:
                return plan.end
            self._step(loader, plan.share)

    def _step(self, loader: Loader, share: float) -> None:
        settings, standing, began = self._settings, self._standing, self._planner.seconds()
        rate = learning_rate(
            share, peak=settings.learning_rate, warm_up=settings.warm_up, floor=settings.floor
        )
        step = self._stepper.take(loader.take(settings.examples_of_step), standing.step, rate)
        standing.step += 1
        standing.index += settings.examples_of_step * self._team.size
        standing.skipped += not step.taken
        self._reporter.stepped(step, standing.step, rate)
        self._planner.stepped(self._planner.seconds() - began)
        self._skipped_in_a_row = 0 if step.taken else self._skipped_in_a_row + 1
        if self._skipped_in_a_row >= MOST_SKIPPED:
            raise RemaskError(
                f"training went astray: {MOST_SKIPPED} steps in a row were not finite",
                hint="Begin anew with a lower learning rate.",
            )

    def _look(self) -> None:
        """Find the held-out loss; keep what is better than all before."""
        standing = self._standing
        (standing.seconds,) = self._team.of_first(self._planner.seconds())
        seen = evaluate(
            self._task.model,
            self._task.held_out,
            self._team,
            together=self._settings.batch,
            seed=self._settings.seed,
        )
        self._after = (standing.step, seen.loss)
        if standing.step == 0:
            standing.before = seen.loss
        best = math.isfinite(seen.loss) and (standing.best is None or seen.loss < standing.best)
        if best:
            standing.best, standing.best_step = seen.loss, standing.step
            self._keeper.save_best(standing)
        self._reporter.looked(standing, seen, best=best)
        self._planner.looked()

    def _save(self) -> None:
        self._keeper.save(self._standing)
        self._log.write("saved", step=self._standing.step)
        self._planner.saved()

    def _finish(self, end: End) -> Report:
        standing = self._standing
        known = self._after is not None and self._after[0] == standing.step
        if end is End.DONE and self._task.held_out and not known:
            self._look()
        (standing.seconds,) = self._team.of_first(self._planner.seconds())
        self._save()
        self._log.write("ended", step=standing.step, why=end.value, seconds=round(standing.seconds, 1))
        return Report(
            end=end,
            steps=standing.step,
            examples=standing.index,
            seconds=standing.seconds,
            skipped=standing.skipped,
            before=standing.before,
            after=self._after[1] if self._after else None,
            best=standing.best,
            best_step=standing.best_step,
            adapter=self._keeper.adapter if standing.best_step or not self._task.held_out else None,
        )

    def _loader(self) -> Loader:
        workers = self._settings.workers
        return Loader(
            self._task.source,
            first=self._standing.index + self._team.rank,
            stride=self._team.size,
            workers=choose_workers(os.cpu_count() or 1, self._team.size) if workers is None else workers,
        )
