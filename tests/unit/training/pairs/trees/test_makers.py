"""Every transformation that works on trees, by what it makes of a small piece."""

import random

import pytest

from lsp_server.training.pairs.check import sound
from lsp_server.training.pairs.pair import Maker, Pair
from lsp_server.training.pairs.trees import comments, faults, idioms, javascript, names, unused

MAKERS: tuple[Maker, ...] = (
    comments.make_comments,
    comments.make_doc,
    idioms.make,
    faults.make_bug,
    faults.make_renoised,
    faults.make_typo,
    faults.make_syntax,
    javascript.make_arrow,
    javascript.make_chain,
    javascript.make_const,
    javascript.make_strict,
    javascript.make_template,
    javascript.make_types,
    names.make_clearer,
    names.make_rename,
    unused.make_commented,
    unused.make_dead,
    unused.make_debug,
)


def all_of(make: Maker, text: str, language: str) -> dict[tuple[str, str], Pair]:
    """What `make` gives over many seeds, by before and after."""
    made = (make(text, language, random.Random(seed)) for seed in range(40))
    return {(pair.before, pair.after): pair for pair in made if pair is not None}


CASES = [
    (javascript.make_const, "javascript", "const a = 1;\nlet b = a;", "var a = 1;\nvar b = a;"),
    (javascript.make_strict, "typescript", "if (a === 1 && b !== 2) c();", "if (a == 1 && b != 2) c();"),
    (
        javascript.make_arrow,
        "javascript",
        "xs.map(x => x + 1);",
        "xs.map(function (x) { return x + 1; });",
    ),
    (
        javascript.make_arrow,
        "typescript",
        "const f = async (a: number): Promise<number> => {\n  return a;\n};",
        "const f = async function (a: number): Promise<number> {\n  return a;\n};",
    ),
    (javascript.make_template, "javascript", "f(`a ${b} c`);", "f('a ' + b + ' c');"),
    (javascript.make_template, "javascript", "x = `${a + 1}b`;", "x = ('' + (a + 1) + 'b');"),
    (javascript.make_chain, "javascript", "x = a?.b;", "x = (a && a.b);"),
    (
        javascript.make_types,
        "typescript",
        "function f(a: number, b?: string): void {\n  const c: number = a;\n}",
        "function f(a, b?) {\n  const c = a;\n}",
    ),
    (
        comments.make_comments,
        "javascript",
        "f();\n// now do the other thing\ng();",
        "f();\ng();",
    ),
    (
        comments.make_comments,
        "python",
        "def f():\n    # first the easy part\n    g()",
        "def f():\n    g()",
    ),
    (
        comments.make_doc,
        "go",
        "// Add gives the sum of both.\nfunc Add(a, b int) int {\n\treturn a + b\n}",
        "func Add(a, b int) int {\n\treturn a + b\n}",
    ),
    (
        comments.make_doc,
        "typescript",
        "/**\n * Gives the sum of both numbers.\n */\nexport function add(a, b) {\n  return a + b;\n}",
        "export function add(a, b) {\n  return a + b;\n}",
    ),
    (faults.make_bug, "python", "def f(a):\n    return a == 1", "def f(a):\n    return a != 1"),
    (faults.make_bug, "c", "int f(int a) {\n  return a > 1;\n}", "int f(int a) {\n  return a < 1;\n}"),
    (idioms.make, "javascript", "if (a.includes(b)) c();", "if ((a.indexOf(b) !== -1)) c();"),
    (idioms.make, "javascript", "f({ a, b: 1 });", "f({ a: a, b: 1 });"),
    (idioms.make, "typescript", "  const { a, b } = c;\nd();", "  const a = c.a;\n  const b = c.b;\nd();"),
    (
        idioms.make,
        "javascript",
        "for (const x of xs) {\n  f(x);\n}",
        "for (let i = 0; i < xs.length; i++) {\n  const x = xs[i];\n  f(x);\n}",
    ),
    (idioms.make, "javascript", "x = a.b ?? 1;", "x = (a.b != null ? a.b : 1);"),
    (idioms.make, "go", "func f(a any) {\n\tb()\n}", "func f(a interface{}) {\n\tb()\n}"),
    (idioms.make, "rust", "fn f() -> A {\n    g()\n}", "fn f() -> A {\n    return g();\n}"),
    (idioms.make, "rust", "fn f() {\n    if a.is_empty() {}\n}", "fn f() {\n    if (a.len() == 0) {}\n}"),
    (idioms.make, "java", "boolean f() { return a.isEmpty(); }", "boolean f() { return (a.size() == 0); }"),
    (idioms.make, "cpp", "int *a = nullptr;", "int *a = NULL;"),
    (idioms.make, "cpp", "using A = std::vector<int>;", "typedef std::vector<int> A;"),
    (idioms.make, "c", "void f() { a->b++; }", "void f() { a->b = a->b + 1; }"),
    (idioms.make, "php", "function f() { return [1, 2]; }", "function f() { return array(1, 2); }"),
    (idioms.make, "php", "function f() { return $a ?? 1; }", "function f() { return (isset($a) ? $a : 1); }"),
    (idioms.make, "bash", "a=$(ls -l)", "a=`ls -l`"),
    (idioms.make, "ruby", "f if a.empty?", "f if (a.length == 0)"),
    (faults.make_syntax, "python", "f(1, [2])", "f(1, [2]"),
]


@pytest.mark.parametrize(("make", "language", "text", "other"), CASES)
def test_makes(make: Maker, language: str, text: str, other: str) -> None:
    """A piece gives the pair with its known other side, in one direction or the other, and it is sound."""
    made = all_of(make, text, language)
    both = made.get((other, text)) or made.get((text, other))
    assert both is not None, list(made)
    assert sound(both)


NOTHING = [
    (javascript.make_strict, "javascript", "if (a === null) b();"),
    (javascript.make_arrow, "javascript", "xs.map(x => this.y);"),
    (javascript.make_template, "javascript", "f(tag`a ${b}`);"),
    (javascript.make_template, "javascript", "f(`a`);"),
    (javascript.make_types, "typescript", "function f(a, b: number) {}"),
    (javascript.make_types, "javascript", "function f(a) {}"),
    (comments.make_comments, "python", "f()\n# type: ignore this one\ng()"),
    (comments.make_comments, "javascript", "f();\n// g(1);\nh();"),
    (comments.make_comments, "python", "f()  # a comment behind code\ng()"),
    (comments.make_doc, "javascript", "// a note of four words\nconst a = f();\nb();"),
    (comments.make_doc, "python", "# a note of four words\ndef f():\n    pass"),
]


@pytest.mark.parametrize(("make", "language", "text"), NOTHING)
def test_leaves_alone(make: Maker, language: str, text: str) -> None:
    """Where a rewrite would change what the code does, or nothing is to be said, there is no pair."""
    assert all_of(make, text, language) == {}


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("python", "def f(total):\n    for total in total:\n        print(f'{total}')", "total"),
        ("javascript", "function f(total) {\n  return total + 1;\n}", "total"),
        ("typescript", "function f(total: number) {\n  return total + 1;\n}", "total"),
        ("go", "func f() int {\n\ttotal := 1\n\treturn total\n}", "total"),
        ("rust", "fn f() -> i32 {\n    let total = 1;\n    total\n}", "total"),
        ("java", "int f() {\n  int total = 1;\n  return total;\n}", "total"),
        ("c", "int f(int total) {\n  return total;\n}", "total"),
    ],
)
def test_renames_everywhere(language: str, text: str, name: str) -> None:
    """A variable is renamed wherever it stands, and the words hold both names."""
    made = all_of(names.make_rename, text, language)
    assert made
    for before, after in made:
        pair = made[before, after]
        other = pair.before if pair.after == text else pair.after
        words = pair.instruction.replace("`", " ").split()
        assert any(text.replace(name, word) == other for word in words if word != name)
        assert name in pair.instruction


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "def f(total):\n    return g(total=total)"),
        ("python", "def f(total):\n    return a.total + total"),
        ("python", "def f(total):\n    global total\n    total = 1"),
        ("python", "def f(total):\n    # the total\n    return total"),
        ("javascript", "function f(total) {\n  return { total };\n}"),
        ("javascript", "function f(total) {\n  return a.total + total;\n}"),
        ("go", "func f() T {\n\ttotal := 1\n\treturn T{total: total}\n}"),
        ("rust", "fn f() -> T {\n    let total = 1;\n    T { total }\n}"),
        ("rust", 'fn f() {\n    let total = 1;\n    println!("{total}");\n}'),
    ],
)
def test_does_not_rename_what_is_also_something_else(language: str, text: str) -> None:
    """A name that is also a field, a key, a word of a comment or shared is kept."""
    for before, after in all_of(names.make_rename, text, language):
        assert before.count("total") == after.count("total")


def test_clearer_names_end_in_what_was_written() -> None:
    """Names get better, never worse, and short names are not taken for good ones."""
    text = "def f(total, ab):\n    return total + ab"
    made = all_of(names.make_clearer, text, "python")
    assert made
    assert all(pair.after == text and "ab" in pair.before for pair in made.values())


@pytest.mark.parametrize(
    ("make", "language", "text"),
    [
        (unused.make_commented, "python", "def f():\n    first()\n    second()"),
        (unused.make_commented, "go", "func f() {\n\tfirst()\n\tsecond()\n}"),
        (unused.make_dead, "javascript", "function f() {\n  first();\n  return 1;\n}"),
        (unused.make_dead, "java", "int f() {\n  first();\n  return 1;\n}"),
        (unused.make_debug, "typescript", "function f() {\n  const a = first();\n  return a;\n}"),
        (unused.make_debug, "go", "func f() int {\n\tvar a = first()\n\treturn a\n}"),
    ],
)
def test_clutter_is_what_differs(make: Maker, language: str, text: str) -> None:
    """Before differs from after by lines that were put in, nothing else."""
    made = all_of(make, text, language)
    assert made
    for pair in made.values():
        left = iter(pair.before.split("\n"))
        assert pair.after == text
        assert pair.before != text
        assert all(line in left for line in text.split("\n"))


def test_a_typo_is_at_one_place() -> None:
    """One of several places of a name is misspelt, so that the others tell how it should be."""
    text = "def f(total):\n    return total"
    made = all_of(faults.make_typo, text, "python")
    assert made
    assert all(pair.after == text and pair.before.count("total") == 1 for pair in made.values())


def test_renoised_keeps_most() -> None:
    """Names are replaced by names and numbers by numbers; the rest stands."""
    text = "total = 1\nother = 22\nthird = total"
    made = all_of(faults.make_renoised, text, "python")
    assert made
    for pair in made.values():
        assert pair.after == text
        assert [word.isdigit() for word in pair.before.split()] == [word.isdigit() for word in text.split()]


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("language", ["python", "typescript", "go", "plaintext", "nonsense"])
@pytest.mark.parametrize("text", ["", "x", "((", "é = '😀'", "a\r\nb", "\0", "\t}"])
def test_bad_input(make: Maker, language: str, text: str) -> None:
    """What is empty, broken or odd gives no error, and no pair that is not sound."""
    pair = make(text, language, random.Random(0))
    assert pair is None or pair.before != pair.after
