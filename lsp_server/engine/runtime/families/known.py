"""The families there are, and which of them a checkpoint belongs to."""

from __future__ import annotations

from lsp_server.core.errors import BadInput
from lsp_server.engine.runtime.families import (
    dream,
    dreamon,
    fast_dllm,
    llada,
    llada2,
    open_dcoder,
    sdar,
    stable_diffcoder,
)
from lsp_server.engine.runtime.families.family import Kind, architecture_of
from lsp_server.engine.runtime.vocabulary import Vocabulary
from lsp_server.engine.runtime.whole.checkpoint import Config

KINDS: tuple[Kind, ...] = (
    dream.KIND,
    dreamon.KIND,
    open_dcoder.KIND,
    llada.KIND,
    llada2.KIND,
    sdar.KIND,
    fast_dllm.KIND,
    stable_diffcoder.KIND,
)


def kind_of(config: Config, vocabulary: Vocabulary) -> Kind:
    """The family of a checkpoint with this config.

    Raises:
        BadInput: it is of none that is known here. Code that comes with a checkpoint is never run.
    """
    for kind in KINDS:
        if kind.fits(config, vocabulary):
            return kind
    named = architecture_of(config) or config.get("model_type") or "no architecture"
    code = " It would need code of its own, which is never run." if config.get("auto_map") else ""
    raise BadInput(
        f"no family is known for a checkpoint of {named}.{code}",
        hint=f"Known families: {', '.join(kind.name for kind in KINDS)}, diffusion-gemma.",
    )
