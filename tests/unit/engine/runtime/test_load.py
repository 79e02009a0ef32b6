"""What is done before the first request."""

from __future__ import annotations

from unittest import mock

from lsp_server.engine.runtime.attempt import Model
from lsp_server.engine.runtime.load import warm_up
from lsp_server.engine.runtime.network import Network


def test_every_kind_of_pass_has_run_and_left_nothing(sketching: Model) -> None:
    """The first fill finds everything made, and an empty cache."""
    network, cache = sketching.network, sketching.cache
    with mock.patch.object(Network, "sketch", autospec=True, side_effect=Network.sketch) as sketch:
        warm_up(network, cache)
    assert sketch.call_count == 1
    assert cache.bytes == 0


def test_a_model_without_a_sketcher_is_warmed_too(model: Model) -> None:
    """It has less to make ready."""
    warm_up(model.network, model.cache)
    assert model.cache.bytes == 0
