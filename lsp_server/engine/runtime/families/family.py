"""What has to be known of a family of diffusion checkpoints to drive one: values, and a layout of prompts.

One module of this folder for each family makes its `Family` from a checkpoint's config and vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

from lsp_server.engine.protocol import Snippet
from lsp_server.engine.runtime.vocabulary import Vocabulary
from lsp_server.engine.runtime.whole.checkpoint import Config
from lsp_server.engine.runtime.whole.names import LLAMA, Names
from lsp_server.engine.runtime.whole.shape import Shape, shape_of


@dataclass(frozen=True, slots=True)
class Around:
    """What stands before and behind a canvas, in tokens, and the text that closes an answer, if any."""

    before: list[int]
    after: list[int]
    marker: str | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a hole's prompt is made of."""

    prefix: str
    suffix: str
    path: str = ""
    language: str = "plaintext"
    snippets: Sequence[Snippet] = ()


class Layout(Protocol):
    """How a family is asked."""

    def fill(self, around: Surroundings) -> Around:
        """The prompt of a hole between two texts."""

    def answer(self, system: str, user: str, start: str) -> Around:
        """The prompt of an answer that begins with `start`."""


@dataclass(frozen=True, slots=True)
class Resizing:
    """A canvas that changes its length: a token that becomes two masks, and one that vanishes (DreamOn)."""

    expand: int
    delete: int


@dataclass(frozen=True, slots=True)
class Noise:
    """Uniform noise (DiffusionGemma): the canvas begins with random tokens, and so do those not accepted.

    At most `steps` passes, with a temperature from `hottest` down to `coldest`. Accepted is what an
    entropy of `bound` nats allows. It ends once the likeliest canvas has stood still for `stable` passes
    and its mean entropy is below `calm` nats.
    """

    steps: int = 48
    hottest: float = 0.8
    coldest: float = 0.4
    bound: float = 0.1
    stable: int = 1
    calm: float = 0.005


@dataclass(frozen=True, slots=True)
class Facts:
    """How a family is denoised, beside its token ids.

    Attributes:
        block: positions that see each other; what is before them is context. None: all see all.
        shift: the hidden state at position i - 1 predicts token i.
        threshold: probability from which a position is committed, where the request leaves it open.
        stride: positions of the canvas that are committed before later ones are looked at.
        noise: how a canvas of random tokens is denoised, where a family has no mask.
        canvas: masks to begin with, for a canvas that resizes itself; else lengths to choose from.
    """

    shift: bool = False
    block: int | None = None
    threshold: float = 0.9
    stride: int | None = None
    canvas: tuple[int, ...] = (4, 8, 16, 32, 64)
    resizing: Resizing | None = None
    max_context: int = 2048
    noise: Noise | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """One checkpoint's family: a fill ends at a token of `ends`, tokens of `never` are never chosen.

    Without a `mask` any token may stand where none is known.
    """

    name: str
    vocabulary: Vocabulary
    mask: int | None
    ends: frozenset[int]
    facts: Facts
    layout: Layout

    @property
    def never(self) -> frozenset[int]:
        """All tokens without a text, but those that mean something to a canvas."""
        resizing = self.facts.resizing
        meant = self.ends | ({resizing.expand, resizing.delete} if resizing else set())
        ids = (self.vocabulary.textless | ({self.mask} if self.mask is not None else set())) - meant
        return frozenset(each for each in ids if each < self.vocabulary.size)

    def blank(self, seed: int) -> Callable[[], int]:
        """What gives the token for a position where none is known."""
        if self.mask is not None:
            mask = self.mask
            return lambda: mask
        noise = Random(seed)  # noqa: S311 -- nothing here is secret
        return lambda: noise.randrange(self.vocabulary.size)


@dataclass(frozen=True, slots=True)
class Kind:
    """A family before there is a checkpoint: how it is told by its config, and how to read it."""

    name: str
    fits: Callable[[Config, Vocabulary], bool]
    of: Callable[[Config, Vocabulary], Family]
    names: Names = LLAMA
    shape: Callable[[Config], Shape] = shape_of


def architecture_of(config: Config) -> str:
    """The class that a config names first, or ""."""
    named = config.get("architectures") or [""]
    return str(named[0])


def id_of(config: Config, key: str, vocabulary: Vocabulary, *names: str, published: int | None = None) -> int:
    """A special token's id: as the config says, else the first of `names` that the tokenizer has.

    Else the one `published` with the checkpoints, where the network has a row for it.

    Raises:
        ModelCorrupt: neither knows it.
    """
    stated = config.get(key)
    if isinstance(stated, int):
        return stated
    known = vocabulary.known_id(*names)
    if known is None and published is not None and published < int(config.get("vocab_size", 0)):
        return published
    return vocabulary.special_id(names[0]) if known is None else known


def ids_of(config: Config, key: str, vocabulary: Vocabulary, *names: str) -> frozenset[int]:
    """Ids that the config states under `key`, and those of `names` that the tokenizer has."""
    stated = config.get(key)
    ids = {stated} if isinstance(stated, int) else set(stated or ())
    known = (vocabulary.known_id(name) for name in names)
    return frozenset(ids | {each for each in known if each is not None})
