"""Where the next edit may be, by syntax alone."""

from __future__ import annotations

import pytest

from lsp_server.core.edits import apply_in_turn
from lsp_server.core.types import Document
from lsp_server.service.next_edit.propose import propose
from tests.unit.service.next_edit.conftest import Predicting


def lines(bench: Predicting, document: Document, *others: Document) -> list[str]:
    """The lines as the candidates would make them."""
    found = propose(document, bench.history.latest(), bench.documents.parsed_for, others)
    made = []
    for each in found:
        text = apply_in_turn(each.document.text, (each.edit,))
        start = text.rfind("\n", 0, each.edit.span.start) + 1
        made.append(text[start:].split("\n")[0].strip())
    return made


@pytest.mark.parametrize(
    ("language", "before", "after", "expected"),
    [
        pytest.param(
            "python",
            "def f(items):\n    for x in items:\n        use(x)\n\n\ndef g(items):\n    f(items=items)\n",
            "def f(rows):\n    for x in items:\n        use(x)\n\n\ndef g(items):\n    f(items=items)\n",
            ["for x in rows:", "f(rows=items)"],
            id="a parameter: in its function, and where it is given by name",
        ),
        pytest.param(
            "python",
            "class A:\n    def f(self):\n        return self.bar\n\n    def g(self):\n        self.bar = 3\n",
            "class A:\n    def f(self):\n        return self.bar\n\n    def g(self):\n        self.baz = 3\n",
            ["return self.baz"],
            id="an attribute",
        ),
        pytest.param(
            "typescript",
            "function area(width: number) {\n  return width * 2;\n}\n",
            "function area(side: number) {\n  return width * 2;\n}\n",
            ["return side * 2;"],
            id="a parameter in TypeScript",
        ),
        pytest.param(
            "python",
            "total = 1\n\n\ndef f():\n    total = 2\n    return total\n",
            "count = 1\n\n\ndef f():\n    total = 2\n    return total\n",
            [],
            id="a name that is still bound is another one's",
        ),
        pytest.param(
            "python",
            "def f(a):\n    return a\n\n\ndef g(b):\n    return f(b)\n",
            "def f(a, b):\n    return a\n\n\ndef g(b):\n    return f(b)\n",
            ["return f(b, b)"],
            id="a parameter was added, and something of its name is known at the call",
        ),
        pytest.param(
            "python",
            "def f(a):\n    return a\n\n\ndef g(b):\n    return f(b)\n",
            "def f(a, c):\n    return a\n\n\ndef g(b):\n    return f(b)\n",
            ["return f(b, )"],
            id="nothing of its name is known there: the model is to write it",
        ),
        pytest.param(
            "python",
            "def f(a):\n    return a\n\n\ndef g(b):\n    return f(b)\n",
            "def f(a, b=1):\n    return a\n\n\ndef g(b):\n    return f(b)\n",
            [],
            id="a parameter that may be left out",
        ),
        pytest.param(
            "python",
            "def f(a, b):\n    return a\n\n\nx = f(1, 2)\ny = f(1, b=2)\n",
            "def f(a):\n    return a\n\n\nx = f(1, 2)\ny = f(1, b=2)\n",
            ["x = f(1)", "y = f(1)"],
            id="a parameter is gone",
        ),
        pytest.param(
            "python",
            "import os\nimport re\n\nx = re.sub(a, b, c)\n",
            "import os\nimport re\n\nx = json.dumps(c)\n",
            ["", "import json"],
            id="an import is needless, another one is lacking",
        ),
        pytest.param(
            "python",
            "from typing import Any, Optional\n\n\ndef f(a: Optional[int]) -> Any: ...\n",
            "from typing import Any, Optional\n\n\ndef f(a: int | None) -> Any: ...\n",
            ["from typing import Any"],
            id="one of several imported names is needless",
        ),
        pytest.param(
            "javascript",
            "let first = load(a);\n\nlet second = load(b);\n",
            "let first = read(a);\n\nlet second = load(b);\n",
            ["let second = read(b);"],
            id="the same text elsewhere",
        ),
        pytest.param(
            "python",
            'log("a" % x)\nlog("b" % y)\n',
            'log("a", x)\nlog("b" % y)\n',
            [],
            id="what says too little is not repeated",
        ),
        pytest.param("plaintext", "same\n", "other\n", [], id="no tree"),
        pytest.param("python", "", "x = 1\n", [], id="an empty file"),
    ],
)
def test_what_follows(
    predicting: Predicting, language: str, before: str, after: str, expected: list[str]
) -> None:
    """Each analogue, and where there is none."""
    document = predicting.edited(before, after, language)
    assert lines(predicting, document) == expected


def test_line_ends_of_windows_stay(predicting: Predicting) -> None:
    """A candidate touches no line break."""
    before = "def f(items):\r\n    return items\r\n"
    document = predicting.edited(before, before.replace("(items", "(rows"))
    assert lines(predicting, document) == ["return rows"]


def test_other_open_documents_come_after(predicting: Predicting) -> None:
    """A function renamed in one document is offered where another imports and calls it."""
    other = predicting.documents.open(Document("b", "python", "from a import load\n\nload(1)\n"))
    before = "def load(x): ...\n\n\nload(2)\n"
    document = predicting.edited(before, before.replace("def load", "def read"))
    found = list(propose(document, predicting.history.latest(), predicting.documents.parsed_for, [other]))
    assert [each.document.key for each in found] == ["a", "b", "b"]


def test_nothing_is_undone(predicting: Predicting) -> None:
    """After a name was changed at one of two places, going back is not what follows there."""
    before = "first = load(path)\n\n\n\n\n\nsecond = load(path)\n"
    document = predicting.edited(before, before.replace("load", "read", 1))
    assert lines(predicting, document) == ["second = read(path)"]
    document = predicting.edited(document.text, document.text.replace("load", "read"))
    assert lines(predicting, document) == []


def test_half_typed_changes_lead_nowhere(predicting: Predicting) -> None:
    """While a bracket is open, what is typed has not come to its end."""
    before = "value = compute(one, two)\nother = 3; value = compute(one, two)\n"
    document = predicting.edited(before, before.replace("compute(one, two)", "measure(one, two", 1))
    assert lines(predicting, document) == []
    document = predicting.edited(document.text, document.text.replace("two\n", "two)\n"))
    assert lines(predicting, document) == ["other = 3; value = measure(one, two)"]


def test_what_does_not_parse_is_left_out(predicting: Predicting) -> None:
    """A number may go where a value is read, not where one is written."""
    before = "x = one.two\n\n\none.two = 3\ny = one.two\n"
    document = predicting.edited(before, before.replace("one.two", "1", 1))
    assert lines(predicting, document) == ["y = 1"]
