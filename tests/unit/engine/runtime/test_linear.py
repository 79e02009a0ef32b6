"""int8 products against dense ones."""

from __future__ import annotations

import torch

from lsp_server.engine.runtime.linear import DenseLinear, Int8Linear, quantise_rows


def pair(out: int = 48, into: int = 64) -> tuple[DenseLinear, Int8Linear]:
    generator = torch.Generator().manual_seed(1)
    weight = torch.randn(out, into, generator=generator)
    bias = torch.randn(out, generator=generator)
    return DenseLinear(weight, bias), Int8Linear(*quantise_rows(weight), bias)


def error(product: torch.Tensor, exact: torch.Tensor) -> float:
    return float((product - exact).norm() / exact.norm())


def test_int8_is_close_to_dense() -> None:
    """Within two per cent of the exact product, bias included."""
    dense, small = pair()
    x = torch.randn(8, 64, generator=torch.Generator().manual_seed(2))
    assert error(small(x), dense(x)) < 0.02


def test_an_outlying_row_does_not_spoil_the_others() -> None:
    """A position a thousand times larger leaves its neighbours as exact as they were."""
    dense, small = pair()
    x = torch.randn(8, 64, generator=torch.Generator().manual_seed(3))
    x[0] *= 1000
    assert error(small(x)[1:], dense(x)[1:]) < 0.02


def test_a_row_does_not_depend_on_its_neighbours() -> None:
    """The same position gives the same bits alone and among others: verifying is reading."""
    _, small = pair()
    x = torch.randn(8, 64, generator=torch.Generator().manual_seed(4))
    alone = torch.cat([small(row[None]) for row in x])
    assert torch.equal(small(x), alone)


def test_zeros_stay_finite() -> None:
    """A row of zeros gives the bias, not NaN."""
    dense, small = pair()
    x = torch.zeros(2, 64)
    torch.testing.assert_close(small(x), dense(x))


def test_quantise_rows_is_symmetric_per_row() -> None:
    """Each row reaches 127 at its largest magnitude, whatever the other rows hold."""
    weight = torch.tensor([[1.0, -2.0], [100.0, 50.0], [0.0, 0.0]])
    quantised, scale = quantise_rows(weight)
    assert quantised.tolist() == [[64, -127], [127, 64], [0, 0]]
    torch.testing.assert_close(scale[:2], torch.tensor([2 / 127, 100 / 127]))
