import json
from pathlib import Path

import pytest
from corpus.lock import FILE
from corpus.packages import LICENCES, Package, read_packages
from lib.console import Failed

from lsp_server.syntax.languages import languages

GOOD = {"registry": "npm", "name": "x", "version": "1", "licence": "MIT", "purpose": "JavaScript"}


def test_the_list_can_be_read() -> None:
    """Each entry of the reviewed list has what is needed, some are held out, and Python is most."""
    packages = read_packages()
    assert {package.registry for package in packages} == {"pypi", "npm", "debian"}
    assert all(package.licence in LICENCES for package in packages)
    assert 5 <= sum(package.held_out for package in packages) < len(packages) / 2
    registries = [package.registry for package in packages if not package.held_out]
    assert 50 <= len(packages) <= 80
    assert registries.count("pypi") >= registries.count("npm")


def test_every_package_is_locked() -> None:
    """The hashes of all listed packages, and of no others, are kept."""
    assert set(json.loads(FILE.read_text("utf-8"))) == {package.key for package in read_packages()}


def test_purposes_name_languages_the_server_knows() -> None:
    """Outside PyPI a purpose begins with languages, so that a reviewer sees what a package brings."""
    known = {language.id for language in languages()} | {"c++", "c#", "sass", "objective-c", "jsx"}
    for package in read_packages():
        if package.registry != "pypi":
            head = package.purpose.split(":")[0].split(",")[0].split(" ")[0]
            assert head.lower() in known, package.name


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"registry": "elsewhere"}, "registry"),
        ({"licence": "GPL-3.0-only"}, "licence"),
        ({"version": ""}, "version"),
        ({"purpose": ""}, "purpose"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_bad_entries(tmp_path: Path, change: dict[str, str], said: str) -> None:
    """An entry that is wrong ends the script with a reason."""
    path = tmp_path / "list.json"
    path.write_text(json.dumps([GOOD | change]))
    with pytest.raises(Failed, match=said):
        read_packages(path)


@pytest.mark.parametrize("text", ["", "{}x", "[1]", json.dumps([GOOD, GOOD | {"version": "2"}])])
def test_bad_lists(tmp_path: Path, text: str) -> None:
    """So does a list that is none, or has a package twice."""
    path = tmp_path / "list.json"
    path.write_text(text)
    with pytest.raises(Failed, match=r"list\.json"):
        read_packages(path)


@pytest.mark.parametrize(
    ("include", "path", "taken"),
    [
        ((), "a/b.js", True),
        (("src/*",), "src/a/b.js", True),
        (("src/*",), "dist/a.js", False),
        (("*.kt", "*.m"), "a/b.kt", True),
    ],
)
def test_which_files_are_looked_at(include: tuple[str, ...], path: str, taken: bool) -> None:
    """Patterns reach into folders; without any all is looked at."""
    assert Package("npm", "@a/b", "1", "MIT", "x", include=include).takes(path) is taken
    assert Package("npm", "@a/b", "1", "MIT", "x").key == "npm-@a+b-1"
