"""The decodes that scripts/measure compares."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from unittest import mock

from lsp_server.engine.protocol import Decode, Sampling
from lsp_server.engine.runtime.denoise import drafts
from lsp_server.engine.runtime.denoise.lookup import Lookup


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to decode. `without` names drafts of verified decoding to be left out."""

    name: str
    sampling: Sampling
    without: tuple[tuple[object, str], ...] = ()

    @contextlib.contextmanager
    def applied(self) -> Iterator[Sampling]:
        """Inside, the drafts left out propose nothing. Gives the sampling to ask for."""
        with contextlib.ExitStack() as stack:
            for draft in self.without:
                stack.enter_context(mock.patch.object(*draft, _nothing))
            yield self.sampling


def _nothing(*_: object, **__: object) -> list[object]:
    return []


LEFT_TO_RIGHT = Variant("left to right", Sampling(decode=Decode.LEFT_TO_RIGHT))
SKETCH, LOOKUP = (drafts, "sketched_draft"), (Lookup, "draft")
VERIFIED = Variant("verified", Sampling(decode=Decode.VERIFIED))
LOOKED_UP = Variant("verified, look-up alone", Sampling(decode=Decode.VERIFIED), (SKETCH,))
SKETCHED = Variant("verified, sketch alone", Sampling(decode=Decode.VERIFIED), (LOOKUP,))
DENOISED = tuple(
    Variant(f"verified, drafts of {width} by the denoiser", Sampling(decode=Decode.VERIFIED, block=width))
    for width in (4, 8)
)
CONFIDENCE = tuple(
    Variant(f"confidence {threshold}", Sampling(decode=Decode.CONFIDENCE, threshold=threshold))
    for threshold in (0.5, 0.7, 0.8, 0.9, 0.95)
)
ENTROPY = tuple(
    Variant(f"entropy {bound}", Sampling(decode=Decode.ENTROPY, entropy=bound))
    for bound in (0.05, 0.1, 0.3, 1.0)
)
ALL = (LEFT_TO_RIGHT, VERIFIED, LOOKED_UP, SKETCHED, *DENOISED, *CONFIDENCE, *ENTROPY)
FEW = (LEFT_TO_RIGHT, VERIFIED, LOOKED_UP, CONFIDENCE[3], ENTROPY[1])
"""For a second precision."""
