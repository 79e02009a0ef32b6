from collections.abc import Callable
from dataclasses import replace

import pytest
from corpus.licences import check_licence, other_files
from corpus.packages import LICENCES, REGISTRIES, Package
from lib.console import Failed


@pytest.mark.parametrize("registry", REGISTRIES)
@pytest.mark.parametrize("licence", sorted(LICENCES))
def test_stated_licence(make: Callable, package: Callable[..., Package], registry: str, licence: str) -> None:
    """A package that states its listed licence passes, whatever registry it is from; no other does."""
    listed = package(registry=registry, licence=licence)
    archives = make(listed, {})
    check_licence(listed, archives)
    other = "Apache-2.0" if licence != "Apache-2.0" else "ISC"
    with pytest.raises(Failed, match="it states"):
        check_licence(replace(listed, licence=other), archives)


def test_debian_is_asked_for_the_whole(make: Callable, package: Callable[..., Package]) -> None:
    """A permissive licence of single files does not make a package permissive."""
    archives = make(package(registry="debian", licence="GPL-2"), {})
    with pytest.raises(Failed, match="GPL-2"):
        check_licence(package(registry="debian"), archives)


def test_files_under_another_licence(make: Callable, package: Callable[..., Package]) -> None:
    """Files that debian/copyright puts under a licence that is not permissive are known."""
    assert other_files(make(package(registry="debian"), {})) == ("old/*", "odd.c")
    assert other_files(make(package(), {})) == ()
