from collections import Counter

from corpus.report import Amount, as_json, as_text, measure
from corpus.tokens import estimate

from lsp_server.training.corpus.documents import CorpusDocument
from lsp_server.training.corpus.reasons import Reason

DOCUMENTS = [
    CorpusDocument("ä" * 35, "python", "a", "x", "MIT"),
    CorpusDocument("b" * 70, "rust", "b", "y", "MIT"),
    CorpusDocument("", "rust", "c", "y", "ISC"),
]


def test_amounts() -> None:
    """Files, bytes of UTF-8 and tokens add up by language, licence and package."""
    part = measure(DOCUMENTS, estimate)
    assert part.total == Amount(3, 140, 30)
    assert part.languages == {"python": Amount(1, 70, 10), "rust": Amount(2, 70, 20)}
    assert part.licences == {"MIT": Amount(2, 140, 30), "ISC": Amount(1, 0, 0)}
    assert part.packages["y"] == Amount(2, 70, 20)


def test_both_shapes() -> None:
    """The tables show the largest first and the sum last; the JSON has reasons and contaminated files."""
    parts = {"train": measure(DOCUMENTS, estimate)}
    dropped = Counter({Reason.NEAR: 3, Reason.CONTAMINATED: 1})
    text = as_text(parts, dropped)
    assert text.index("rust") < text.index("python") < text.index("all")
    assert "3  a near duplicate" in text
    report = as_json(parts, dropped, {"x": ["b", "a"]}, {"rows": 5})
    assert report["parts"]["train"]["total"]["tokens"] == 30
    assert report["dropped"] == {"a near duplicate": 3, "overlaps with a benchmark": 1}
    assert report["contaminated"] == {"x": ["a", "b"]}
    assert report["rows"] == 5


def test_nothing() -> None:
    """An empty corpus has a report too."""
    assert "all" in as_text({"train": measure([], estimate)}, Counter())
