"""What a training run is asked to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from lsp_server.core.errors import BadInput

Value = str | int | float | bool | None

_FREE = frozenset({
    "minutes", "steps", "pause_minutes", "log_every", "save_minutes", "held_out_minutes", "workers", "about",
})  # fmt: skip
"""Settings a run may be resumed with other values of: a longer budget is no other run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainSettings:
    """A budget, how to learn, and how often to report.

    The defaults of learning are those for LoRA on half a billion parameters; AdamW's are
    of Brown et al. (arXiv 2005.14165, appendix B). `about` is what else makes a run what
    it is, such as the rank and the base's hash: a checkpoint where it differs is refused.
    """

    minutes: float | None = None
    """Budget in minutes of all runs together, evaluation and saving among them."""
    steps: int | None = None
    """Budget in steps of all runs together."""
    pause_minutes: float | None = None
    """Stop after so many minutes of this run, to be resumed; the budget stays."""
    learning_rate: float = 4e-4
    warm_up: float = 0.05
    """Share of the budget in which the learning rate rises."""
    floor: float = 0.05
    """Share of the learning rate that is used at the very start and the end."""
    weight_decay: float = 0.01
    clip: float = 1.0
    """Longest gradient; longer ones are shortened to it."""
    batch: int = 16
    """Examples of one forward pass, in each process."""
    accumulate: int = 1
    """Forward passes before a step."""
    seed: int = 0
    log_every: int = 10
    """Steps between two lines of figures."""
    save_minutes: float = 5.0
    held_out_minutes: float = 5.0
    workers: int | None = None
    """Processes that make examples; None chooses by the number of cores."""
    about: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what makes no sense.

        Raises:
            BadInput: a number is out of its range, or there is no budget.
        """
        if self.minutes is None and self.steps is None:
            raise BadInput("training needs a budget", hint="Give minutes or steps.")
        at_least = {
            "minutes": 0, "pause_minutes": 0, "steps": 1, "batch": 1, "accumulate": 1, "log_every": 1,
            "workers": 0, "weight_decay": 0, "warm_up": 0, "floor": 0,
        }  # fmt: skip
        for name, least in at_least.items():
            value = getattr(self, name)
            if value is not None and not value >= least:
                raise BadInput(f"{name.replace('_', ' ')} is {value}, but the least is {least}")
        if not (self.learning_rate > 0 and self.clip > 0 and self.warm_up < 1 and self.floor <= 1):
            raise BadInput(
                "learning rate and clip must be above 0, the warm-up below 1 and the floor at most 1"
            )

    @property
    def examples_of_step(self) -> int:
        """Examples of a step in one process."""
        return self.batch * self.accumulate

    def identity(self) -> dict[str, Value]:
        """What must agree for a run to be resumed."""
        own = {each.name: getattr(self, each.name) for each in fields(self) if each.name not in _FREE}
        return own | dict(self.about)
