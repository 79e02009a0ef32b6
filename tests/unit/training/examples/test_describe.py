"""Figures of examples."""

from lsp_server.training.examples.describe import describe
from lsp_server.training.examples.example import Example


def test_counts_and_means() -> None:
    """Kinds and languages are counted, the most first, and lengths averaged."""
    line = Example((1, 2), 3, (4,), 0, "line", "python")
    body = Example((1, 2, 3, 4), 3, (4, 5), 0, "body", "go")
    described = describe([body, line, line, line])
    assert described == {
        "examples": 4,
        "kinds": {"line": 3, "body": 1},
        "languages": {"python": 3, "go": 1},
        "mean_context": 2.5,
        "mean_middle": 1.25,
    }
    assert list(described["kinds"]) == ["line", "body"]


def test_none() -> None:
    """No examples have no lengths."""
    assert describe([])["mean_middle"] == 0
