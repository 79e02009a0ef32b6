from pathlib import Path

import pytest

from lsp_server.core.errors import BadInput
from lsp_server.training.corpus.reasons import Reason
from lsp_server.training.corpus.repository import Repository

CODE = "".join(f"def area_{name}(width, height):\n    return width * height\n\n\n" for name in "abcdefghij")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "src/one.py": CODE,
        "src/two.rs": CODE.replace("def", "fn"),
        "src/copy.py": CODE + "\n\n",
        "src/old.py": CODE + "print 'of old'\n",
        "src/gpl.py": "# GNU General Public License\n" + CODE,
        "src/key.py": CODE + 'KEY = "AKIA' + "ABCDEFGHIJKLMNOP" + '"\n',
        "src/private.pem": CODE,
        "src/credentials.py": CODE,
        "src/made.py": CODE.replace("area", "made"),
        "node_modules/a/index.js": CODE,
        "notes/own.py": CODE.replace("area", "note"),
        ".gitignore": "made.py\n",
        ".remaskignore": "notes/\n",
        "README.txt": CODE,
        "small.py": "x = 1\n",
    }
    for name, text in files.items():
        path = tmp_path / "work" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (tmp_path / "work/src/binary.py").write_bytes(b"\0\1" + CODE.encode())
    return tmp_path / "work"


def test_only_what_the_server_would_show(folder: Path) -> None:
    """Ignored, private, odd and copied files are left out, the user's own licence is not asked for."""
    found = list(Repository(folder).documents())
    assert {(each.path, each.language, each.package) for each in found} == {
        ("src/copy.py", "python", "work"),
        ("src/two.rs", "rust", "work"),
        ("src/gpl.py", "python", "work"),
    }


def test_why_the_others_are_left_out(folder: Path) -> None:
    """Files are counted by the reason."""
    repository = Repository(folder)
    first, second = list(repository.documents()), list(repository.documents())
    assert first == second
    dropped = {reason: repository.dropped[reason] for reason in Reason if reason is not Reason.UNKNOWN}
    assert {reason for reason, count in dropped.items() if count} == {
        Reason.EXACT,
        Reason.BROKEN,
        Reason.SECRET,
        Reason.PRIVATE,
        Reason.IGNORED,
        Reason.SMALL,
        Reason.UNREADABLE,
    }


def test_a_link_out_of_the_repository_is_not_followed(folder: Path) -> None:
    """What lies elsewhere is nobody's repository."""
    outside = folder.parent / "outside.py"
    outside.write_text(CODE.replace("area", "elsewhere"), "utf-8")
    try:
        (folder / "src/link.py").symlink_to(outside)
    except OSError:
        pytest.skip("no links here")
    assert "src/link.py" not in {each.path for each in Repository(folder).documents()}


def test_no_code(tmp_path: Path) -> None:
    """A folder without code gives nothing, and says why."""
    (tmp_path / "small.py").write_text("x = 1\n", "utf-8")
    repository = Repository(tmp_path)
    assert list(repository.documents()) == []
    assert repository.dropped == {Reason.SMALL: 1}


def test_no_folder(tmp_path: Path) -> None:
    """A file is no repository."""
    with pytest.raises(BadInput, match="no folder"):
        Repository(tmp_path / "gone")
