"""What is done before the first request."""

from __future__ import annotations

from unittest import mock

import pytest

from lsp_server.engine.runtime.attempt import Model
from lsp_server.engine.runtime.network import Network
from lsp_server.engine.runtime.warm import ROWS, warm_ends, warm_layers


def test_the_layers_run_as_fills_run_them(model: Model) -> None:
    """A part of a context, a token alone, and one with a draft."""
    with mock.patch.object(Network, "read", autospec=True, side_effect=Network.read) as read:
        warm_layers(model.network.weights)
    assert [len(call.args[2]) for call in read.call_args_list][1:] == list(ROWS)


def test_the_rest_needs_no_layers(sketching: Model) -> None:
    """It predicts and sketches without one pass of the base, so that both can be made ready at once."""
    with (
        mock.patch.object(Network, "read") as read,
        mock.patch.object(Network, "sketch", autospec=True, side_effect=Network.sketch) as sketch,
        mock.patch.object(Network, "logits", autospec=True, side_effect=Network.logits) as logits,
    ):
        warm_ends(sketching.network.weights)
    assert (read.call_count, sketch.call_count, logits.call_count) == (0, 1, len(ROWS))


@pytest.mark.parametrize("warm", [warm_layers, warm_ends])
def test_a_model_without_a_sketcher_is_warmed_too(model: Model, warm: object) -> None:
    """It has less to make ready."""
    assert callable(warm)
    warm(model.network.weights)
