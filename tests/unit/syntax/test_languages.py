"""Languages by id and by file name."""

from pathlib import Path

import pytest

from lsp_server.syntax.languages import PLAIN, language_for, language_of_path, languages
from lsp_server.syntax.parse import grammar, parse


@pytest.mark.parametrize(
    ("language_id", "expected"),
    [
        ("python", "python"),
        ("javascriptreact", "javascriptreact"),
        ("typescriptreact", "typescriptreact"),
        ("shellscript", "bash"),
        ("csharp", "csharp"),
        ("Go", "go"),
        ("plaintext", "plaintext"),
        ("klingon", "plaintext"),
        ("", "plaintext"),
    ],
)
def test_language_ids(language_id: str, expected: str) -> None:
    """Ids of the LSP specification and common aliases are known; the rest is plain text."""
    assert language_for(language_id).id == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/b.py", "python"),
        ("B.PY", "python"),
        ("x.tsx", "typescriptreact"),
        ("Makefile", "makefile"),
        ("Dockerfile", "dockerfile"),
        (".bashrc", "bash"),
        ("x.h", "c"),
        ("photo.png", None),
        ("README", None),
    ],
)
def test_languages_of_files(path: str, expected: str | None) -> None:
    """Extension and file name tell the language; a binary or unknown file has none."""
    language = language_of_path(Path(path))
    assert (language.id if language else None) == expected


def test_the_file_decides_where_the_id_says_nothing() -> None:
    """An unknown id falls back to the file's name, a known one does not."""
    assert language_for("unknown", Path("x.rs")).id == "rust"
    assert language_for("plaintext", Path("x.rs")).id == "rust"
    assert language_for("python", Path("x.rs")).id == "python"
    assert language_for("unknown", Path("x.bin")) is PLAIN


def test_every_grammar_loads_and_parses() -> None:
    """Each language names a grammar that the package carries."""
    for language in languages():
        if language.grammar is not None:
            assert grammar(language.grammar) is not None, language.id
            assert parse("a\n", language).root is not None, language.id


def test_at_least_the_promised_languages() -> None:
    """The languages of the README all have a grammar."""
    promised = (
        "python javascript javascriptreact typescript typescriptreact go rust java c cpp csharp ruby php "
        "shellscript json yaml html css lua sql markdown toml"
    )
    assert [name for name in promised.split() if language_for(name).grammar is None] == []
