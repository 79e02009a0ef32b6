"""What is trained on and what is held out."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.errors import BadInput
from lsp_server.training.corpus.documents import HELD_OUT, TRAIN, CorpusDocument, write_shards
from lsp_server.training.examples.example import Example
from lsp_server.training.material import Material, of_corpora, of_repository, some_examples, split


def document(path: str, text: str = "x = 1\n", package: str = "") -> CorpusDocument:
    return CorpusDocument(text, "python", path, package)


@given(st.sets(st.text(max_size=8), max_size=30), st.floats(0, 1))
def test_split_loses_nothing(paths: set[str], share: float) -> None:
    """Every document is on one side; of two or more there is one on each."""
    documents = [document(path) for path in paths]
    found = split(documents, share)
    assert sorted(each.path for each in [*found.train, *found.held_out]) == sorted(paths)
    if len(documents) > 1:
        assert found.train
        assert found.held_out
    assert split(documents[::-1], share) == found


def test_split_takes_a_tenth() -> None:
    """About a tenth is held out."""
    assert 70 < len(split([document(f"{number}.py") for number in range(1000)]).held_out) < 130


def test_split_does_not_wander() -> None:
    """A document stays on its side when others come and go."""
    documents = [document(f"{number}.py") for number in range(200)]
    held_out = {each.path for each in split(documents).held_out}
    fewer = split(documents[50:]).held_out
    assert {each.path for each in fewer} == held_out & {each.path for each in documents[50:]}


def test_fingerprint() -> None:
    """It changes with what is trained on, and not with what is held out."""
    one = Material([document("a.py")], [])
    assert one.fingerprint == Material([document("a.py")], [document("b.py")]).fingerprint
    assert one.fingerprint != Material([document("a.py", "y = 1\n")], []).fingerprint
    assert one.fingerprint != Material([document("b.py")], []).fingerprint


def test_corpora(tmp_path: Path) -> None:
    """Shards that are held out are; a corpus without them is split."""
    write_shards([document("a.py"), document("b.py")], tmp_path / "one", TRAIN)
    write_shards([document("c.py")], tmp_path / "one", HELD_OUT)
    assert [each.path for each in of_corpora([tmp_path / "one"]).held_out] == ["c.py"]
    write_shards([document("d.py"), document("e.py")], tmp_path / "two", TRAIN)
    both = of_corpora([tmp_path / "one", tmp_path / "two"])
    assert (len(both.train), len(both.held_out)) == (3, 2)


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_no_corpus(tmp_path: Path, name: str) -> None:
    """A folder without shards is an error for people."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput):
        of_corpora([tmp_path / name])


def test_some_examples() -> None:
    """As many as are asked for, those that do not exist left out; and it ends if there are none."""

    class Few:
        def at(self, index: int) -> Example | None:
            return Example((index,), 0, (1,), 0, "line", "python") if index % 3 == 2 else None

    class Never:
        def at(self, index: int) -> Example | None:
            return None

    assert [each.context[0] for each in some_examples(Few(), 3)] == [2, 5, 8]
    assert some_examples(Never(), 3) == []
    assert some_examples(Few(), 0) == []


def code(number: int) -> str:
    lines = [
        f"def function_{number}_{line}(value):\n    return value * {line} + {number}\n" for line in range(20)
    ]
    return "\n\n".join(lines)


def filled(folder: Path, count: int) -> Path:
    for number in range(count):
        file = folder / f"module_{number}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(code(number))
    return folder


def test_too_small_a_repository(tmp_path: Path) -> None:
    """A repository of a few files is refused, and it is said what was left out."""
    (filled(tmp_path, 3) / ".gitignore").write_text("module_0.py\n")
    with pytest.raises(BadInput, match=r"2 files of code[^\0]*an ignored file \(1\)"):
        of_repository(tmp_path)


def test_no_repository(tmp_path: Path) -> None:
    """What is not there, or no folder, is refused."""
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "missing", tmp_path / "file"):
        with pytest.raises(BadInput, match="is no folder"):
            of_repository(path)


SECRETS = {
    ".env": "TOKEN=1\n" * 40,
    "id_rsa": "-----BEGIN OPENSSH PRIVATE KEY-----\n" * 20,
    "ignored.py": "ignored_name = 1\n" * 40,
    "below/also.py": "ignored_name = 2\n" * 40,
    "settings.py": "AWS = 'AKIA" + "QWERTYUIOPASDFGH'\n\n\n" + code(99),
}


def test_never_ignored_or_secret(tmp_path: Path) -> None:
    """No ignored file, private file or text that looks like a secret is on either side."""
    filled(tmp_path, 12)
    (tmp_path / ".gitignore").write_text("ignored.py\nbelow/\n")
    for path, text in SECRETS.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    found = of_repository(tmp_path)
    used = [*found.train, *found.held_out]
    assert sorted(each.path for each in used) == sorted(f"module_{number}.py" for number in range(12))
    assert found.left_out["an ignored file"] >= 1
    assert found.left_out["holds a secret"] == 1
    assert not [each for each in used for text in SECRETS.values() if text[:12] in each.text]
