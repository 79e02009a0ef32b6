"""The file of a team's keys."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from lsp_server.core.errors import BadInput
from lsp_server.engine.runtime.team.keys import Keys, add_user, hash_of, parse_keys, read_keys, remove_user


def test_a_key_is_told_once_and_kept_as_a_hash(tmp_path: Path) -> None:
    """The file lets the key be known again, and does not hold it; it is its user's alone."""
    path = tmp_path / "new" / "keys"
    key = add_user(path, "ada")
    text = path.read_text(encoding="utf-8")
    assert key not in text
    assert key.removeprefix("remask-") not in text
    assert text == f"ada sha256:{hash_of(key)}\n"
    assert Keys(path).user_of(key) == "ada"
    if sys.platform != "win32":
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("given", ["", "wrong", "remask-", "\udcff", "ada", "x" * 100_000])
def test_other_keys_are_nobodys(keys: tuple[Path, dict[str, str]], given: str) -> None:
    """Nor is the hash in the file a key."""
    path, _ = keys
    known = Keys(path)
    assert known.user_of(given) is None
    assert known.user_of(known.users["ada"]) is None


def test_each_key_is_its_users(keys: tuple[Path, dict[str, str]]) -> None:
    """No two users are taken for each other, and no two keys are the same."""
    path, given = keys
    assert {name: Keys(path).user_of(key) for name, key in given.items()} == {name: name for name in given}
    assert len(set(given.values())) == len(given)


def test_comments_and_others_lines_stay(tmp_path: Path) -> None:
    """Adding and removing touch one line each, and the file's rights stay."""
    path = tmp_path / "keys"
    path.write_text("# the team\n\nada sha256:" + "0" * 64, encoding="utf-8")
    path.chmod(0o640)
    add_user(path, "adam")
    remove_user(path, "ada")
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["# the team", ""]
    assert list(read_keys(path)) == ["adam"]
    if sys.platform != "win32":
        assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ada plain-key", "line 1 is no user's"),
        ("# ok\nada sha256:abc", "line 2"),
        (f"ada sha256:{'0' * 64} more", "line 1"),
        (f"a/b sha256:{'0' * 64}", "line 1"),
        (f"ada sha256:{'0' * 64}\nada sha256:{'1' * 64}", "line 2: ada stands there twice"),
        ("\0", "line 1"),
    ],
)
def test_a_file_of_something_else_is_refused(text: str, said: str) -> None:
    """By its line; what the line holds is not said, since it may be a key."""
    with pytest.raises(BadInput, match=said) as caught:
        parse_keys(text)
    assert "plain-key" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "a b", "a\nb", "#a", "ä", "a" * 65, "-a"])
def test_names_that_could_break_a_line_or_a_metric_are_refused(tmp_path: Path, name: str) -> None:
    """And the file stays as it was."""
    with pytest.raises(BadInput, match="cannot be a user's name"):
        add_user(tmp_path / "keys", name)
    assert not (tmp_path / "keys").exists()


def test_a_user_is_added_and_removed_once(keys: tuple[Path, dict[str, str]]) -> None:
    """A second key of the same name, and a user that is none, are errors."""
    path, _ = keys
    with pytest.raises(BadInput, match="already"):
        add_user(path, "ada")
    remove_user(path, "ada")
    with pytest.raises(BadInput, match="no key of ada"):
        remove_user(path, "ada")


def test_no_keys_no_engine(tmp_path: Path) -> None:
    """A file that is not there, is empty or binary opens nothing."""
    path = tmp_path / "keys"
    for content in (None, b"", b"# nobody\n", b"\xff\xfe"):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(BadInput):
            Keys(path)


def test_changes_are_taken_in(keys: tuple[Path, dict[str, str]]) -> None:
    """Who is removed is nobody after the next look, and who is added is somebody."""
    path, given = keys
    known = Keys(path)
    assert not known.refresh()
    remove_user(path, "ada")
    eve = add_user(path, "eve")
    assert known.refresh()
    assert (known.user_of(given["ada"]), known.user_of(eve)) == (None, "eve")


def test_a_file_that_cannot_be_read_changes_nothing(keys: tuple[Path, dict[str, str]]) -> None:
    """It is said once, and the users stay who they were."""
    path, given = keys
    known = Keys(path)
    path.write_text("nonsense", encoding="utf-8")
    os.utime(path, ns=(1, 1))
    with pytest.raises(BadInput):
        known.refresh()
    assert not known.refresh()
    assert known.user_of(given["ada"]) == "ada"
