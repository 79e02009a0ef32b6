"""What to do next: the first process reads the clock, and all of them do the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lsp_server.training.loop.distributed import Team
from lsp_server.training.loop.report import End
from lsp_server.training.loop.schedule import Budget
from lsp_server.training.loop.settings import TrainSettings

TELL_SECONDS = 15.0
"""Where steps are slow, figures are shown so often."""
LOOKS_SHARE = 0.1
"""The most of the time that goes into looks at held-out examples between the first and the last."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is due after a step. `seconds` are those of all runs, `share` is of the budget."""

    seconds: float
    share: float
    tell: bool
    look: bool
    save: bool
    end: End | None


class Planner:
    """Counts time. `clock` gives seconds; `began` is when this run did, which is now if it is not told."""

    def __init__(
        self,
        settings: TrainSettings,
        team: Team,
        clock: Callable[[], float],
        began: float | None = None,
    ) -> None:
        self._settings = settings
        self._team = team
        self._clock = clock
        now = clock()
        self._began = now if began is None else began
        self._earlier = 0.0
        self._look_every = 60 * settings.held_out_minutes
        self._budget = Budget(None if settings.minutes is None else 60 * settings.minutes, settings.steps)
        self._step_takes = 0.0
        self._told_step = 0
        self._told = self._looked = self._saved = now

    def go_on(self, *, seconds: float, steps: int, last_look_takes: float) -> None:
        """Earlier runs spent so much. Keep time for the look at the end; look seldom if looks take long."""
        self._earlier = seconds
        self._told_step = steps
        self._budget = self._budget.less(last_look_takes)
        self._look_every = max(self._look_every, last_look_takes / LOOKS_SHARE)

    def seconds(self) -> float:
        """Spent in this process by all runs, as the clock stands."""
        return self._earlier + self._clock() - self._began

    def stepped(self, seconds: float) -> None:
        """A step took so long; the next is taken to need as much."""
        self._step_takes = seconds

    def told(self, step: int) -> None:
        """Figures were shown."""
        self._told, self._told_step = self._clock(), step

    def looked(self) -> None:
        """The held-out loss is known."""
        self._looked = self._clock()

    def saved(self) -> None:
        """A checkpoint was written."""
        self._saved = self._clock()

    def next(self, steps: int, *, asked: bool) -> Plan:
        """What is due after so many steps. `asked`: this process was told to stop."""
        settings, now, seconds = self._settings, self._clock(), self.seconds()
        pause = settings.pause_minutes
        over, paused, tell, look, save, seconds, share, stop = self._agreed(
            self._budget.over(seconds, steps, next_takes=self._step_takes),
            pause is not None and now - self._began + self._step_takes >= 60 * pause,
            steps - self._told_step >= settings.log_every or now - self._told >= TELL_SECONDS,
            now - self._looked >= self._look_every,
            now - self._saved >= 60 * settings.save_minutes,
            seconds,
            self._budget.share(seconds, steps),
            asked=asked,
        )
        end = End.DONE if over else End.INTERRUPTED if stop else End.PAUSED if paused else None
        return Plan(seconds, share, bool(tell), bool(look) and not end, bool(save) and not end, end)

    def _agreed(self, *values: float, asked: bool) -> list[float]:
        """The first process's values, and how many processes were asked to stop."""
        own = values if self._team.first else (0.0,) * len(values)
        return self._team.sums(*own, float(asked))
