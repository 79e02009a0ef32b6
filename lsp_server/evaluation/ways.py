"""The ways of filling that are compared: a decode, and what is done with its fills."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from lsp_server.core.errors import BadInput
from lsp_server.engine.protocol import Decode, Sampling
from lsp_server.service.mending import Attempt, attempts

Extra = Literal["cut", "trim", "repair", "switch", "names", "candidates", "both-sided"]
EXTRAS: tuple[Extra, ...] = get_args(Extra)
_PARAMETERS = {Decode.CONFIDENCE: "threshold", Decode.ENTROPY: "entropy"}
_HINT = (
    "A decode is left-to-right, verified, confidence or entropy; confidence:0.7 and entropy:0.1 set "
    f"their bounds, and +{', +'.join(EXTRAS)} add what is done with the fills."
)


@dataclass(frozen=True, slots=True)
class Way:
    """One row of a table.

    `cut`: the fill ends where the suffix is likeliest to follow, by the base's reading.
    `trim`: what repeats the surroundings is cut off, as the server does. `repair`: a
    fill that breaks the syntax is denoised once more, avoiding it. `switch`: first by the
    other kind of decode, then remasked, as the server does (`service/mending.py`). `names`: a fill that uses
    names nothing defines is remasked there, and less sure, as the server has it. `candidates`: of
    several fills the one of the highest mean confidence is taken; `both-sided`:
    of as many, the one that makes fill and suffix together likeliest to the base.
    """

    decode: Decode
    bound: float | None = None
    extras: tuple[Extra, ...] = ()
    count: int = 1

    @property
    def name(self) -> str:
        """As `parse_way` reads it, with the number of candidates."""
        bound = "" if self.bound is None else f":{self.bound:g}"
        extras = "".join(f"+{each}{self._counted(each)}" for each in self.extras)
        return f"{self.decode.value}{bound}{extras}"

    @property
    def sampling(self) -> Sampling:
        """What to ask the engine for."""
        if self.bound is None:
            return Sampling(decode=self.decode)
        if self.decode is Decode.ENTROPY:
            return Sampling(decode=self.decode, entropy=self.bound)
        return Sampling(decode=self.decode, threshold=self.bound)

    @property
    def again(self) -> tuple[Attempt, ...]:
        """What to try, in order, if the fill breaks the syntax."""
        if "switch" in self.extras:
            return attempts(self.decode)
        return (Attempt(self.decode),) if "repair" in self.extras else ()

    def sampling_of(self, attempt: Attempt) -> Sampling:
        """What to ask the engine for in a further try."""
        return self.sampling if attempt.decode is self.decode else Sampling(decode=attempt.decode)

    def _counted(self, extra: Extra) -> str:
        return f":{self.count}" if extra in {"candidates", "both-sided"} else ""


LEFT_TO_RIGHT = Way(Decode.LEFT_TO_RIGHT)
DEFAULT = (
    LEFT_TO_RIGHT,
    Way(Decode.VERIFIED),
    *(Way(Decode.CONFIDENCE, threshold) for threshold in (0.5, 0.7, 0.9)),
    Way(Decode.ENTROPY, 0.1),
)


def parse_way(text: str, *, count: int) -> Way:
    """The way called `text`, with `count` candidates if it ranks them; raises `BadInput`."""
    head, *extras = text.strip().split("+")
    name, _, bound = head.partition(":")
    try:
        way = Way(Decode(name), float(bound) if bound else None)
    except ValueError as error:
        raise BadInput(f"there is no decode {head!r}", hint=_HINT) from error
    if way.bound is not None and way.decode not in _PARAMETERS:
        raise BadInput(f"{name} has no bound", hint=_HINT)
    if way.bound is None and way.decode in _PARAMETERS:
        way = replace(way, bound=getattr(Sampling(), _PARAMETERS[way.decode]))
    return with_extras(way, extras, count=count)


def with_extras(way: Way, extras: Sequence[str], *, count: int) -> Way:
    """The same decode with these extras, each once, in the order they are done."""
    unknown = [each for each in extras if each not in EXTRAS]
    if unknown:
        raise BadInput(f"there is no extra {unknown[0]!r}", hint=_HINT)
    wanted = tuple(each for each in EXTRAS if each in extras or each in way.extras)
    ranked = {"candidates", "both-sided"} & set(wanted)
    if len(ranked) > 1 or {"repair", "switch"} <= set(wanted):
        raise BadInput(
            "candidates are ranked in one way only, and broken fills mended in one",
            hint="Leave out candidates or both-sided, and repair or switch.",
        )
    return replace(way, extras=wanted, count=count if ranked else 1)


def chosen_ways(decodes: Sequence[str], extras: Sequence[str], *, count: int) -> list[Way]:
    """The ways of the command line, left to right always among them and first.

    Each of `extras` is tried with each decode, one at a time.
    """
    named = [parse_way(each, count=count) for each in decodes] or list(DEFAULT)
    plain = list(dict.fromkeys([LEFT_TO_RIGHT, *named]))
    more = [with_extras(way, [each], count=count) for each in extras for way in plain]
    return list(dict.fromkeys([*plain, *more]))
