"""How cost grows: what can be told without a model."""

from __future__ import annotations

import ast

import pytest
from benchmark.scaling.points import growth
from benchmark.scaling.repository import made_up_file


def test_rows_become_series() -> None:
    """The first of a row is its size, the others its costs in the order of their names."""
    found = growth(
        "n", "title", "files", [("time", "s"), ("memory", "MiB")], [(1, 2.0, 3.0), (10, 20.0, 30.0)]
    )
    assert found.sizes == (1, 10)
    assert [(each.name, each.values) for each in found.series] == [
        ("time", (2.0, 20.0)),
        ("memory", (3.0, 30.0)),
    ]


def test_rows_without_a_name_are_refused() -> None:
    """A cost that nobody names would be drawn as another."""
    with pytest.raises(ValueError, match="zip"):
        growth("n", "title", "files", [("time", "s")], [(1, 2.0, 3.0)])


def test_made_up_files_are_code_with_names_of_their_own() -> None:
    """No two files define the same."""
    trees = [ast.parse(made_up_file(number)) for number in (1, 2)]
    names = [{node.name for node in tree.body if hasattr(node, "name")} for tree in trees]
    assert len(names[0]) == 6
    assert not names[0] & names[1]
