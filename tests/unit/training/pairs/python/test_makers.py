"""Every transformation of Python, by what it makes of a small piece."""

import ast
import random
from textwrap import dedent

import pytest

from lsp_server.training.pairs.check import sound
from lsp_server.training.pairs.pair import Maker, Pair
from lsp_server.training.pairs.python import (
    asynchronous,
    comprehensions,
    conditionals,
    docstrings,
    errors,
    fstrings,
    hints,
    imports,
    output,
    simpler,
    unused,
    variables,
)

MAKERS: tuple[Maker, ...] = (
    asynchronous.make,
    comprehensions.make,
    conditionals.make_guard,
    conditionals.make_ternary,
    docstrings.make,
    errors.make_check,
    errors.make_default,
    errors.make_try,
    fstrings.make,
    hints.make,
    imports.make,
    output.make,
    simpler.make,
    unused.make,
    variables.make,
)


def all_of(make: Maker, text: str) -> dict[tuple[str, str], Pair]:
    """What `make` gives over many seeds, by before and after."""
    text = dedent(text).strip("\n")
    made = (make(text, "python", random.Random(seed)) for seed in range(40))
    return {(pair.before, pair.after): pair for pair in made if pair is not None}


CASES = [
    (
        hints.make,
        "def f(a: int, *, b: str = 'x', **k: object) -> list[int]:\n    c: int = a\n    return [c]",
        "def f(a, *, b='x', **k):\n    c = a\n    return [c]",
    ),
    (hints.make, "def f(a: int) -> None:\n    x: int\n    print(a)", "def f(a):\n    x: int\n    print(a)"),
    (
        docstrings.make,
        'def f(a):\n    """Return the double of it."""\n\n    return a * 2',
        "def f(a):\n    return a * 2",
    ),
    (
        comprehensions.make,
        "def f(s):\n    return [y for x in s if x]",
        "def f(s):\n    out = []\n    for x in s:\n        if x:\n            out.append(y)\n    return out",
    ),
    (
        comprehensions.make,
        "found = {k: v for k, v in xs}",
        "found = {}\nfor k, v in xs:\n    found[k] = v",
    ),
    (
        comprehensions.make,
        "def f(xs):\n    return all(x.ok for x in xs)",
        "def f(xs):\n    for x in xs:\n        if not x.ok:\n            return False\n    return True",
    ),
    (
        conditionals.make_ternary,
        "def f(a):\n    return 1 if a else 2",
        "def f(a):\n    if a:\n        return 1\n    else:\n        return 2",
    ),
    (
        conditionals.make_guard,
        "def f(a):\n    if a is None:\n        return\n    # why\n    g(a)\n    h(a)",
        "def f(a):\n    if a is not None:\n        # why\n        g(a)\n        h(a)",
    ),
    (
        conditionals.make_guard,
        "def f(a):\n    if not a:\n        return 1\n    return 2",
        "def f(a):\n    if not a:\n        return 1\n    else:\n        return 2",
    ),
    (fstrings.make, 'x = f"a {b!r} {c}"', 'x = "a {!r} {}".format(b, c)'),
    (fstrings.make, 'x = f"100% {c}"', 'x = "100%% %s" % c'),
    (fstrings.make, 'x = f"a {c}".strip()', 'x = ("a " + str(c)).strip()'),
    (fstrings.make, 'x = f"{{}} {c:>5}"', 'x = "{{}} {:>5}".format(c)'),
    (
        errors.make_try,
        "def f(a):\n    try:\n        return int(a)\n    except ValueError:\n        return None",
        "def f(a):\n    return int(a)",
    ),
    (
        errors.make_check,
        'def f(a):\n    if a < 0:\n        raise ValueError("no")\n\n    return a',
        "def f(a):\n    return a",
    ),
    (errors.make_default, "def f(a, b: int = 3, c=4):\n    pass", "def f(a, b: int, c=4):\n    pass"),
    (
        asynchronous.make,
        "async def f(a):\n    async with g() as h:\n        return await h(a)",
        "def f(a):\n    with g() as h:\n        return h(a)",
    ),
    (output.make, 'log.info("a %s", b)\nc()', 'print("a %s" % b)\nc()'),
    (simpler.make, "if a is not None:\n    b()", "if not a is None:\n    b()"),
    (simpler.make, "def f(n):\n    n += 1\n    g(n)", "def f(n):\n    n = n + 1\n    g(n)"),
    (
        simpler.make,
        "for i, x in enumerate(xs):\n    f(i, x)",
        "for i in range(len(xs)):\n    x = xs[i]\n    f(i, x)",
    ),
    (simpler.make, "if a and b:\n    c()", "if a:\n    if b:\n        c()"),
    (
        simpler.make,
        "with open(p) as f:\n    x = f.read()\ny()",
        "f = open(p)\nx = f.read()\nf.close()\ny()",
    ),
    (
        variables.make,
        "def f(a):\n    b = g(a)\n    return b.c",
        "def f(a):\n    return g(a).c",
    ),
]


@pytest.mark.parametrize(("make", "text", "other"), CASES)
def test_makes(make: Maker, text: str, other: str) -> None:
    """A piece gives the pair with its known other side, in one direction or the other, and it is sound."""
    made = all_of(make, text)
    both = made.get((other, text)) or made.get((text, other))
    assert both is not None, list(made)
    assert sound(both)


NOTHING = [
    (hints.make, "def f(a: int, b):\n    return a"),
    (hints.make, "def f(a):\n    return a"),
    (docstrings.make, 'def f():\n    """todo"""\n    return 1'),
    (docstrings.make, 'def f():\n    """It says a thing that is here."""'),
    (comprehensions.make, "x = 1\nys = [x for x in xs]\nprint(x)"),
    (comprehensions.make, "xs = [x for x in xs]"),
    (comprehensions.make, "ys = [await x for x in xs]"),
    (conditionals.make_ternary, "x = f(1 if a else 2)"),
    (conditionals.make_guard, 'def f(a):\n    if a:\n        return 1\n    x = """\n  b\n"""\n    return x'),
    (fstrings.make, 'x = f"{a + b}"'),
    (fstrings.make, 'x = f"{a:{b}}"'),
    (fstrings.make, 'x = f"{a=}"'),
    (errors.make_try, "try:\n    a()\nfinally:\n    b()"),
    (errors.make_check, "def f(a):\n    if a:\n        raise ValueError"),
    (errors.make_default, "def f(a):\n    pass"),
    (asynchronous.make, "async def f():\n    return 1"),
    (output.make, 'log.info("a")\nprint(1)'),
    (imports.make, "import b\nimport a\nimport c\nimport d"),
    (variables.make, "def f(a):\n    b = g(a)\n    h(a, b)\n    return b"),
    (variables.make, "def f(a):\n    b = g(a)\n    return h(k(a), b)"),
    (variables.make, "b = g(a)\nreturn_(b)"),
]


@pytest.mark.parametrize(("make", "text"), NOTHING)
def test_leaves_alone(make: Maker, text: str) -> None:
    """Where a rewrite would change what the code does, or there is nothing to rewrite, there is no pair."""
    assert all_of(make, text) == {}


def test_imports_are_shuffled_within_their_groups() -> None:
    """What is to be sorted has the same lines in every group as the sorted block."""
    text = "import a\nimport b\nfrom c import d\n\nimport e\nimport f"
    for pair in all_of(imports.make, text).values():
        assert pair.after == text
        assert [sorted(group.split("\n")) for group in pair.before.split("\n\n")] == [
            sorted(group.split("\n")) for group in text.split("\n\n")
        ]


def test_unused_code_is_what_differs() -> None:
    """Before differs from after by lines that were put in, nothing else."""
    text = "def f(a):\n    b = g(a)\n    if b:\n        return b\n    return a"
    made = all_of(unused.make, text)
    assert len(made) > 5
    for pair in made.values():
        left = iter(pair.before.split("\n"))
        assert pair.after == text
        assert all(line in left for line in text.split("\n"))


def test_words_say_what_is_wanted() -> None:
    """A check and a handler that cannot be guessed are named in the instruction."""
    text = 'def f(a):\n    if a < 0:\n        raise ValueError("no")\n    return a'
    assert all("a < 0" in pair.instruction for pair in all_of(errors.make_check, text).values())
    text = "try:\n    a()\nexcept (KeyError, OSError):\n    return 3"
    words = {pair.instruction for pair in all_of(errors.make_try, text).values() if pair.kind == "try-add"}
    assert words
    assert all("`KeyError` or `OSError`" in each and "`3`" in each for each in words)


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize(
    "text", ["", "x", "def f(", "é = 'ü'\n", "\ufeffx = 1", "x = 1\r\ny = 2", "\0", "\tx"]
)
def test_bad_input(make: Maker, text: str) -> None:
    """What is empty, broken or odd gives no pair and no error; another language gives none."""
    pair = make(text, "python", random.Random(0))
    assert pair is None or sound(pair)
    assert make("const x = 1;", "javascript", random.Random(0)) is None


@pytest.mark.parametrize("make", MAKERS)
def test_offsets_are_code_points(make: Maker) -> None:
    """Letters of several bytes before the place of an edit do not move it."""
    for wanted, text, _other in CASES:
        if wanted is not make:
            continue
        longer = 'ü = "äöü 😀"; é = ü\n' + text
        for pair in all_of(make, longer).values():
            ast.parse(pair.before)
            ast.parse(pair.after)
