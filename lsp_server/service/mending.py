"""What is tried on a hole whose fill breaks the syntax."""

from __future__ import annotations

from lsp_server.engine.protocol import Decode

DIFFUSION = frozenset({Decode.CONFIDENCE, Decode.ENTROPY})
"""Decodes that write without the base."""


def next_decodes(decode: Decode) -> tuple[Decode, ...]:
    """The decodes to try, in order, after a broken fill by `decode`.

    First the other kind: the base writes from left to right and sees what stands behind
    the hole only as a prompt, the denoiser was trained to fit between both sides; what one
    breaks the other often does not. Then the same once more. Each avoids all that was rejected.
    """
    return (Decode.VERIFIED if decode in DIFFUSION else Decode.CONFIDENCE), decode
