from __future__ import annotations

from lsp_server.syntax.heirs import constructs, extends_others, heirs, super_calls
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import parse

PYTHON = """\
class A:
    def __init__(self, x): ...
class B(A, metaclass=M):
    pass
class C(module.B):
    def __init__(self):
        super().__init__(1)
class D(C): ...
class E(List[A]): ...
class F(A, Other):
    def __init__(self):
        super().__init__(1)
"""
SCRIPT = "class A {}\nclass B extends A { constructor(x) { super(x); } }\nclass C extends B {}\n"


def test_what_extends_a_class_by_way_of_others_too() -> None:
    """A type that its base is made of is no base."""
    tree = parse(PYTHON, language_for("python"))
    found = heirs(tree, {"A"})
    assert set(found) == {"B", "C", "D", "F"}
    assert set(heirs(tree, {"A"}, constructing=True)) == {"B", "C", "F"}
    assert [name for name in sorted(found) if constructs(tree, found[name])] == ["C", "F"]
    assert all(extends_others(tree, node) for node in found.values())


def test_where_the_constructor_of_the_base_is_called() -> None:
    """Of one that extends several it cannot be told whose it is."""
    tree = parse(PYTHON, language_for("python"))
    counts = {name: len(super_calls(tree, node)) for name, node in heirs(tree, {"A"}).items()}
    assert counts == {"B": 0, "C": 1, "D": 0, "F": 0}
    script = parse(SCRIPT, language_for("javascript"))
    counts = {name: len(super_calls(script, node)) for name, node in heirs(script, {"A"}).items()}
    assert counts == {"B": 1, "C": 0}
