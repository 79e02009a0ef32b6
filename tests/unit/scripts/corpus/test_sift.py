from corpus.sift import Sieve

from lsp_server.training.corpus.contamination import Contamination
from lsp_server.training.corpus.documents import CorpusDocument
from lsp_server.training.corpus.reasons import Reason

PROBLEM = "def has_close(numbers, threshold):\n    '''Whether any two numbers are near each other.'''\n"


def document(text: str, path: str = "a.py") -> CorpusDocument:
    return CorpusDocument(text, "python", path, "x", "MIT")


def code(name: str) -> str:
    return "\n".join(f"{name}_{at} = compute_{at % 7}({name}_{at - 1}, {at})" for at in range(60))


def test_the_first_stays() -> None:
    """Copies and what overlaps with a problem are left out and counted."""
    sieve = Sieve(Contamination([PROBLEM]))
    kept = list(sieve.sift([document(code("one")), document(code("two")), document(PROBLEM, "bad.py")]))
    later = list(sieve.sift([document(code("one") + "\n"), document(code("two") + "\nnew = 1\n")]))
    assert [each.text for each in kept] == [code("one"), code("two")]
    assert later == []
    assert sieve.dropped == {Reason.CONTAMINATED: 1, Reason.EXACT: 1, Reason.NEAR: 1}
    assert sieve.contaminated == {"x": ["bad.py"]}
