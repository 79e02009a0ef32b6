"""Parts that are not torch's, put together: what they compute against torch on the same int8 weights."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from lsp_server.engine.runtime.architecture import Architecture
from lsp_server.engine.runtime.assemble import Parts, assemble
from lsp_server.engine.runtime.kv import KV
from lsp_server.engine.runtime.network import Network
from lsp_server.engine.runtime.numba.parts import NumbaParts
from lsp_server.engine.runtime.numba.processor import lanes
from lsp_server.engine.runtime.numba.team import Team
from lsp_server.engine.runtime.openvino.parts import OpenVinoParts
from lsp_server.engine.runtime.torch_parts import TorchParts

CPU = torch.device("cpu")
TOKENS = [17, 45, 200, 99, 31, 250, 12, 77] * 5
MASK = 3
Make = Callable[[dict[str, torch.Tensor], Architecture], Parts]
QUANTISES = any(torch.cpu.get_capabilities().get(name) for name in ("avx512_vnni", "avx_vnni", "amx_int8"))
MADE: dict[str, Make] = {
    "openvino": lambda tensors, sizes: OpenVinoParts(tensors, sizes, 1),
    "numba": lambda tensors, sizes: NumbaParts(tensors, sizes, Team(2)),
}


@pytest.fixture(scope="module", params=list(MADE))
def framework(request: pytest.FixtureRequest) -> str:
    """Each in turn."""
    name = str(request.param)
    if name == "numba" and not lanes():
        pytest.skip("this processor has no products of bytes")
    return name


@pytest.fixture(scope="module")
def parts(framework: str, int8_tensors: dict[str, torch.Tensor], wide: Architecture) -> Parts:
    """The toy model's."""
    return MADE[framework](int8_tensors, wide)


@pytest.fixture
def quantising(framework: str) -> None:
    """OpenVINO leaves inputs as they are where there are no int8 products, and torch is used there."""
    if framework == "openvino" and not QUANTISES:
        pytest.skip("OpenVINO does not quantise inputs here")


@pytest.fixture(scope="module")
def graphs(parts: Parts, int8_tensors: dict[str, torch.Tensor], wide: Architecture) -> Network:
    """The toy model by the framework."""
    weights = assemble(int8_tensors, wide, precision="int8", device=CPU, parts=parts)
    return Network(weights, mask_id=MASK)


@pytest.fixture(scope="module")
def exact(int8_tensors: dict[str, torch.Tensor], wide: Architecture) -> Network:
    """The same by torch, with the int8 weights taken as exact numbers and inputs left alone."""
    dense = dict(int8_tensors)
    for name in int8_tensors:
        if name.endswith(".scale") and not name.startswith("embed"):
            weight = name.replace(".scale", ".weight")
            dense[weight] = int8_tensors[weight].float() * int8_tensors[name][:, None]
    weights = assemble(
        int8_tensors, wide, precision="int8", device=CPU, parts=TorchParts(dense, wide, "fp32", CPU)
    )
    return Network(weights, mask_id=MASK)


def empty(network: Network) -> KV:
    weights = network.weights
    return KV(weights.architecture, weights.dtype, weights.device, weights.seed_width)


def close(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Within the rounding of inputs to eight bits; another tensor in a product's place gives over 1."""
    return float((a - b).norm() / b.norm()) < 0.05


def test_reading_is_torchs(graphs: Network, exact: Network) -> None:
    """A causal pass, then another behind it, gives torch's hidden states, keys, values and seeds."""
    ours, theirs = empty(graphs), empty(exact)
    for part in (TOKENS[:19], TOKENS[19:]):
        assert close(graphs.read(ours, part), exact.read(theirs, part))
    count = len(TOKENS)
    assert close(ours.keys[:, :count], theirs.keys[:, :count])
    assert close(ours.values[:, :count], theirs.values[:, :count])
    assert close(ours.seeds[:count].float(), theirs.seeds[:count].float())


def test_denoising_is_torchs(graphs: Network, exact: Network) -> None:
    """A block pass sees itself in both directions and takes the other body's weights."""
    block = [5, MASK, MASK, 8, MASK]
    results = []
    for network in (graphs, exact):
        kv = empty(network)
        network.read(kv, TOKENS[:21])
        results.append(network.denoise(kv, block))
    assert close(*results)


def test_sketching_is_torchs(graphs: Network, exact: Network) -> None:
    """The sketcher's layers, maps and output projection are all in place."""
    results = []
    for network in (graphs, exact):
        kv = empty(network)
        network.read(kv, TOKENS[:21])
        results.append(network.sketch(kv, [9], 4))
    assert close(*results)


@pytest.mark.usefixtures("quantising")
@pytest.mark.parametrize("cuts", [[1, 2, 3], [16], [7, 20, 33], list(range(1, 40))])
def test_reading_in_pieces_is_reading_at_once(graphs: Network, cuts: list[int]) -> None:
    """Bit for bit: a position's result does not depend on how many are read with it."""
    whole = graphs.read(empty(graphs), TOKENS)
    kv, pieces = empty(graphs), []
    for start, end in zip([0, *cuts], [*cuts, len(TOKENS)], strict=True):
        pieces.append(graphs.read(kv, TOKENS[start:end]))
    assert torch.equal(torch.cat(pieces), whole)


@pytest.mark.parametrize("last", [1, 5])
def test_only_the_last_positions_are_computed_to_the_end(graphs: Network, exact: Network, last: int) -> None:
    """With `last` the rows are those of a whole pass, the context too, and only there can be sketched."""
    for network in (graphs, exact):
        whole, some = empty(network), empty(network)
        expected = network.read(whole, TOKENS)[-last:]
        torch.testing.assert_close(network.read(some, TOKENS, last=last), expected, rtol=0, atol=0)
        count = len(TOKENS)
        assert torch.equal(some.keys[:, :count], whole.keys[:, :count])
        torch.testing.assert_close(network.sketch(some, [9], 3), network.sketch(whole, [9], 3))
        some.truncate(count - last)
        assert some.seed is None


def test_a_product_is_torchs(parts: Parts, int8_tensors: dict[str, torch.Tensor], wide: Architecture) -> None:
    """One product alone."""
    product = parts.linear("head")
    x = torch.randn((9, wide.dim))
    exact = x @ (int8_tensors["head.weight"].float() * int8_tensors["head.scale"][:, None]).T
    assert close(product(x), exact)


@pytest.mark.usefixtures("quantising")
def test_a_row_of_a_product_is_itself(parts: Parts, wide: Architecture) -> None:
    """Bit for bit the same in a call of one row and of many."""
    product = parts.linear("head")
    x = torch.randn((9, wide.dim))
    assert torch.equal(torch.cat([product(row[None]) for row in x]), product(x))


def test_results_do_not_share_memory(graphs: Network) -> None:
    """What a pass gave stays as it is while the next one runs."""
    kv = empty(graphs)
    first = graphs.read(kv, TOKENS[:8])
    kept = first.clone()
    logits = graphs.logits(first)
    kept_logits = logits.clone()
    graphs.logits(graphs.read(kv, TOKENS[8:16]))
    assert torch.equal(first, kept)
    assert torch.equal(logits, kept_logits)


def test_layers_count_as_such(graphs: Network) -> None:
    """A sketch is as cheap as torch's."""
    assert graphs.sketch_share == 0.5
    assert graphs.weights.base.layers == 2


@pytest.mark.parametrize("past", [0, 1, 15, 31, 32, 255, 256, 257, 700])
def test_any_past(graphs: Network, exact: Network, past: int) -> None:
    """Behind any number of positions, also where the cache is full to its end."""
    tokens = (TOKENS * 20)[:past]
    results = []
    for network in (graphs, exact):
        kv = empty(network)
        if tokens:
            network.read(kv, tokens, last=1)
        results.append(network.read(kv, [5, 9, 14]))
    assert close(*results)


@pytest.mark.parametrize("rows", [1, 7, 8, 9, 17, 25, 63, 130])
def test_any_number_of_rows(graphs: Network, exact: Network, rows: int) -> None:
    """However rows are cut into blocks, causally and in both directions."""
    tokens = (TOKENS * 4)[:rows]
    for passed in ("read", "denoise"):
        results = []
        for network in (graphs, exact):
            kv = empty(network)
            network.read(kv, TOKENS[:5])
            results.append(getattr(network, passed)(kv, tokens))
        assert close(*results)


def test_without_biases(framework: str, int8_tensors: dict[str, torch.Tensor], wide: Architecture) -> None:
    """A model that has none is computed as one whose biases are zero."""
    zeros = {name: torch.zeros_like(x) if name.endswith("bias") else x for name, x in int8_tensors.items()}
    none = {name: x for name, x in int8_tensors.items() if not name.endswith("bias")}
    h = torch.randn((3, wide.dim))
    given = [
        MADE[framework](tensors, wide).stack("base", [0, 1])(KV(wide, torch.float32, CPU), h, causal=True)
        for tensors in (zeros, none)
    ]
    assert torch.equal(given[0].hidden, given[1].hidden)


def test_a_product_of_some_rows(parts: Parts, wide: Architecture) -> None:
    """Rows that begin anywhere and fill no panel."""
    x = torch.randn((9, wide.dim))
    whole = parts.linear("head")(x)
    torch.testing.assert_close(parts.linear("head", rows=slice(13, 50))(x), whole[:, 13:50])
