"""What someone would select of a document."""

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.training.pairs.pieces import pieces

PYTHON = '''"""Doc."""
import a
import b
import c
from d import e

X = 1


class A:
    @property
    def f(self):
        return 1

    def g(self): return 2


def h():
    """Say.

    More.
    """
    return 3
'''


def test_python() -> None:
    """The imports, and functions with decorators, dedented; one-line functions are too small."""
    assert pieces(PYTHON, "python") == [
        "import a\nimport b\nimport c\nfrom d import e",
        'def h():\n    """Say.\n\n    More.\n    """\n    return 3',
        "@property\ndef f(self):\n    return 1",
    ]


def test_comments_above_belong_to_a_function() -> None:
    """Doc comments and exports come along."""
    text = "const a = 1;\n\n/** Says. */\nexport function f() {\n  return 1;\n}\n\n"
    text += "const g = () => {\n  return 2;\n};\n"
    assert pieces(text, "javascript") == [
        "/** Says. */\nexport function f() {\n  return 1;\n}",
        "const g = () => {\n  return 2;\n};",
    ]


def test_methods() -> None:
    """Methods are dedented out of their class."""
    text = "class A {\n  f() {\n    return 1;\n  }\n}\n"
    assert pieces(text, "typescript") == ["f() {\n  return 1;\n}"]


def test_long_functions_are_cut() -> None:
    """Of a long function there are runs of its statements."""
    text = "def f():\n" + "".join(f"    a{i} = {i}\n" for i in range(60))
    found = pieces(text, "python")
    assert len(found) > 2
    assert all(14 <= each.count("\n") + 1 <= 40 and each.startswith("a") for each in found)


def test_crlf() -> None:
    """Line breaks of Windows are made plain."""
    assert pieces("def f():\r\n    return 1\r\n", "python") == ["def f():\n    return 1"]


@given(st.text(max_size=200), st.sampled_from(["python", "javascript", "go", "plaintext", "markdown"]))
def test_anything(text: str, language: str) -> None:
    """No text is too odd to have its pieces asked for."""
    assert all(piece.strip() for piece in pieces(text, language))
