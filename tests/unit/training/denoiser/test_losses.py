"""Costs of predictions."""

from __future__ import annotations

import torch

from lsp_server.training.denoiser.frozen import FrozenBase
from lsp_server.training.denoiser.losses import candidates, costs, everything, taught


def test_a_sample_of_tokens_estimates_the_whole_projection(base: FrozenBase) -> None:
    """Averaged over samples, the loss with some of the tokens is near the loss with all."""
    generator = torch.Generator().manual_seed(0)
    hidden = torch.randn(6, 32, generator=generator)
    target = torch.tensor([3, 5, 8, 13, 21, 34])
    said = taught(base, hidden, torch.arange(6))
    whole = costs(hidden, target, said, everything(100, base.device), base.embedding).truth.mean()
    needed = torch.cat([target, said.tokens.flatten()])
    drawn = [
        costs(hidden, target, said, candidates(needed, 100, 20, generator), base.embedding).truth.mean()
        for _ in range(200)
    ]
    torch.testing.assert_close(torch.stack(drawn).mean(), whole, atol=0.02, rtol=0)


def test_candidates_hold_what_is_needed() -> None:
    """Needed tokens are there with their own logits, and places finds them."""
    needed = torch.tensor([[7, 3], [50, 7]])
    head = candidates(needed, 100, 10, torch.Generator().manual_seed(0))
    places = head.places(needed)
    assert torch.equal(head.ids[places], needed)
    assert (head.correction[places] == 0).all()


def test_no_teacher_no_lesson(base: FrozenBase) -> None:
    """Where there is no teacher, nothing is to be distilled."""
    said = taught(base, torch.randn(2, 32), torch.tensor([0, -1]))
    assert said.share[0].sum() > 0
    assert said.share[1].sum() == 0


def test_a_right_and_sure_prediction_costs_little(base: FrozenBase) -> None:
    """The cost falls as the hidden state turns towards the true token."""
    target = torch.tensor([9])
    said = taught(base, base.embedding[9][None], torch.tensor([-1]))
    head = everything(100, base.device)
    far, near = (
        costs(scale * base.embedding[9][None], target, said, head, base.embedding).truth
        for scale in (0.1, 20)
    )
    assert near < far
