from __future__ import annotations

import pytest

from lsp_server.core.types import Document, Edit, Span
from lsp_server.engine.protocol import FillRequest, Hole, Snippet
from lsp_server.service.documents import Documents
from lsp_server.service.leaving import LARGEST, Leaving

CLEAN = "def f(a):\n    return a\n"
SECRET = 'password = "correct-horse-battery"\n'
KEY = "file:///a.py"


def request(text: str = CLEAN, document: str = "", **more: object) -> FillRequest:
    return FillRequest(text, (Hole(0, 0),), document=document, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "stays"),
    [
        (request(), False),
        (request(""), False),
        (request(CLEAN + SECRET), True),
        (request(SECRET.strip()), True),
        (request(SECRET.replace(" = ", " =\n  ")), True),
        (request(SECRET.replace("\n", "\r\n") * 2), True),
        (request(snippets=(Snippet("b.py", SECRET),)), True),
        (request(instruction=f"Use {SECRET}"), True),
    ],
)
def test_what_is_shown_is_looked_through(asked: FillRequest, stays: bool) -> None:
    """Text, snippets and words; also a name and its value on two lines."""
    assert Leaving(Documents()).stays(asked) is stays


def test_the_document_around_counts() -> None:
    """A window shows the middle of a key whose head stands above it; once the key is gone, it may leave."""
    documents = Documents()
    leaving = Leaving(documents)
    text = "-----BEGIN RSA PRIVATE KEY-----\n" + "MIIEpAIBAAKCAQEA7\n" * 50 + CLEAN
    documents.open(Document(KEY, "python", text))
    assert leaving.stays(request(document=KEY))
    documents.change(KEY, (Edit(Span(0, len(text) - len(CLEAN)), ""),), 2)
    assert not leaving.stays(request(document=KEY))
    assert not leaving.stays(request(document="file:///other.py"))


def test_what_is_too_large_to_look_through_stays() -> None:
    """A keystroke must not wait for it."""
    documents = Documents()
    documents.open(Document(KEY, "python", "x = 1\n" * (LARGEST // 6 + 1)))
    assert Leaving(documents).stays(request(document=KEY))
