"""Figures of the steps: added up, shown, written to the log."""

from __future__ import annotations

import torch

from lsp_server.training.loop.checkpoint import Standing
from lsp_server.training.loop.distributed import Team
from lsp_server.training.loop.held_out import Evaluation
from lsp_server.training.loop.meter import Meter, in_words
from lsp_server.training.loop.plan import Plan
from lsp_server.training.loop.progress import Display, Log
from lsp_server.training.loop.step import Step


class Reporter:
    """Reports on one run. All processes call it; the first one speaks."""

    def __init__(self, display: Display, log: Log, team: Team) -> None:
        self._display = display
        self._log = log
        self._team = team
        self._own = Meter()
        self._meter = Meter()
        self._index = 0
        self._rate = 0.0
        self._seconds = 0.0

    def begin(self, standing: Standing) -> None:
        """Count from here."""
        self._index, self._seconds = standing.index, standing.seconds

    def stepped(self, step: Step, number: int, rate: float) -> None:
        """Take a step's figures in."""
        self._rate = rate
        self._meter.add(step.meter.sums())
        if step.taken:
            self._own.add({"loss": (step.loss, 1), "norm": (step.norm, 1)})
        else:
            self._display.say(f"step {number} was skipped: its loss or gradient is not finite")
            self._log.write("skipped", step=number, loss=step.loss, norm=step.norm)

    def tell(self, standing: Standing, plan: Plan) -> None:
        """Show and log what came since the last time."""
        figures = Meter.of(self._team.gather(self._meter.sums())).figures()
        own = self._own.figures()
        self._meter, self._own = Meter(), Meter()
        if standing.index == self._index:
            return
        loss, norm = own.get("loss", float("nan")), own.get("norm", float("nan"))
        speed = (standing.index - self._index) / max(plan.seconds - self._seconds, 1e-9)
        self._index, self._seconds = standing.index, plan.seconds
        memory = gpu_gib()
        words = [
            f"step {standing.step}",
            "" if "loss" in figures else f"loss {loss:.3f}",
            in_words(figures),
            f"rate {self._rate:.1e}",
            f"norm {norm:.2f}",
            f"{speed:.1f} examples/s",
            *([f"{memory:.0f} GiB"] if memory else []),
        ]
        self._display.figures("  ".join(filter(None, words)))
        self._log.write(
            "steps",
            step=standing.step,
            examples=standing.index,
            seconds=round(plan.seconds, 1),
            share=round(plan.share, 4),
            loss=loss,
            norm=norm,
            rate=self._rate,
            per_second=round(speed, 2),
            skipped=standing.skipped,
            gpu_gib=round(memory, 1),
            figures=figures,
        )

    def looked(self, standing: Standing, seen: Evaluation, *, best: bool) -> None:
        """Show and log a held-out loss."""
        mark = ", the best so far" if best and standing.step else ""
        self._display.say(
            f"held out after {standing.step} steps: {seen.loss:.4f}{mark}  {in_words(seen.figures)}"
        )
        self._log.write(
            "held out",
            step=standing.step,
            seconds=round(standing.seconds, 1),
            loss=seen.loss,
            best=best,
            figures=seen.figures,
        )


def gpu_gib() -> float:
    """The most memory of the GPU that was ever used, in GiB; 0 without one."""
    return torch.cuda.max_memory_allocated() / 2**30 if torch.cuda.is_available() else 0.0
