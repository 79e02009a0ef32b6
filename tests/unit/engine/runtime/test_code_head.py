"""The output projection in parts: what each scores, and when the one for code is enough."""

from __future__ import annotations

import pytest
import torch

from lsp_server.engine.runtime.code_head import CODE, SIZE, SPECIAL, CodeHead, parted_heads
from lsp_server.engine.runtime.linear import EVERY, DenseLinear, Linear

DIM = 8


class Parts:
    """Makes exact products, and notes which rows were asked for."""

    def __init__(self, tensors: dict[str, torch.Tensor]) -> None:
        self.tensors = tensors
        self.asked: list[slice] = []

    def linear(self, name: str, *, rows: slice = EVERY) -> Linear:
        self.asked.append(rows)
        weight, scale = self.tensors[f"{name}.weight"][rows], self.tensors[f"{name}.scale"][rows]
        return DenseLinear(weight.float() * scale[:, None])


@pytest.fixture(scope="module")
def tensors() -> dict[str, torch.Tensor]:
    """A head of the size of Qwen2's vocabulary."""
    generator = torch.Generator().manual_seed(0)
    weight = torch.randint(-127, 127, (SIZE, DIM), generator=generator, dtype=torch.int8)
    return {"head.weight": weight, "head.scale": torch.rand(SIZE, generator=generator)}


def test_each_column_is_its_tokens_score(tensors: dict[str, torch.Tensor]) -> None:
    """Both heads give the scores of one product; `ids` says which tokens the small one scores."""
    whole, code = parted_heads(tensors, Parts(tensors))
    assert code is not None
    x = torch.randn((3, DIM), generator=torch.Generator().manual_seed(1))
    exact = Parts(tensors).linear("head")(x)
    torch.testing.assert_close(whole(x), exact)
    torch.testing.assert_close(code(x), exact[:, code.ids])
    assert code(x).shape[1] < 0.7 * SIZE
    assert torch.equal(code.ids, code.ids.sort().values)


def test_rows_that_nobody_asks_for_are_not_packed(tensors: dict[str, torch.Tensor]) -> None:
    """The second product, of tokens of other writing, is made when all tokens are scored, and once."""
    parts = Parts(tensors)
    whole, code = parted_heads(tensors, parts)
    assert code is not None
    x = torch.zeros((1, DIM))
    code(x)
    assert parts.asked == [slice(CODE)]
    whole(x)
    whole(x)
    assert parts.asked == [slice(CODE), slice(CODE, None)]


@pytest.mark.parametrize(
    ("context", "enough"),
    [
        ([], True),
        ([5, 99_999, SPECIAL, SIZE - 1], True),
        ([5, CODE], False),
        ([SPECIAL - 1, 5], False),
    ],
)
def test_other_writing_in_the_context_asks_for_all_tokens(context: list[int], *, enough: bool) -> None:
    """A context with a token of other writing may go on with one; special tokens say nothing."""
    assert (
        CodeHead(DenseLinear(torch.zeros(1, 1)), DenseLinear(torch.zeros(1, 1))).suffices(context) is enough
    )


@pytest.mark.parametrize("rows", [SIZE - 1, 300])
def test_other_vocabularies_have_one_head(tensors: dict[str, torch.Tensor], rows: int) -> None:
    """Where tokens of code end is known of one vocabulary only."""
    cut = {name: tensor[:rows] for name, tensor in tensors.items()}
    parts = Parts(cut)
    _, code = parted_heads(cut, parts)
    assert code is None
    assert parts.asked == [EVERY]
