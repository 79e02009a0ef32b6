"""What is gathered for a hole: the right things, within the budget, stable, and nothing private."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lsp_server.context.gather import Context, Gatherer
from lsp_server.context.recent import RecentEdits
from lsp_server.context.tokens import CHARS_PER_TOKEN
from lsp_server.context.workspace import Workspace
from lsp_server.core.settings import ContextSettings
from lsp_server.core.types import Document, Span
from lsp_server.engine.protocol import Snippet
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import parse

SETTINGS = ContextSettings()


class Desk:
    """A root with files, the documents edited in it, and a gatherer over both."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.workspace = Workspace(settle_s=0.002)
        self.recent = RecentEdits()
        self.gatherer = Gatherer(self.workspace, self.recent)

    def files(self, texts: dict[str, str]) -> None:
        for name, text in texts.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.workspace.set_roots([self.root])
        assert self.workspace.wait_idle(20)

    def document(self, text: str, name: str = "main.py", language: str = "python") -> Document:
        return Document(key=name, language=language, text=text, path=self.root / name)

    def gather(
        self, marked: str, name: str = "main.py", language: str = "python", **settings: object
    ) -> Context:
        """The context at the mark `|` in a document."""
        at = marked.index("|")
        document = self.document(marked.replace("|", "", 1), name, language)
        parsed = parse(document.text, language_for(language, document.path))
        return self.gatherer.gather(document, parsed, Span(at, at), replace(SETTINGS, **settings))  # type: ignore[arg-type]

    def edit(self, name: str, before: str, after: str) -> None:
        self.recent.record(self.document(before, name), self.document(after, name))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path.resolve())
    yield made
    made.workspace.close()


def lines(context: Context) -> list[str]:
    return [line.strip() for snippet in context.snippets for line in snippet.text.splitlines()]


MODELS = '''
class Order:
    """One order."""
    def total(self, rate: float) -> float:
        return 0.0
def load_order(path: str) -> Order:
    """Read an order."""
    return Order()
def _hidden(): ...
'''


def test_what_is_named_on_the_line_comes_from_its_import(desk: Desk) -> None:
    """The signature of an imported function used in the hole's line is shown, with its file."""
    desk.files({"shop/models.py": MODELS, "other/models.py": "def load_order(wrong): ...\n"})
    context = desk.gather("from shop.models import load_order\n\norder = load_order(|\n")
    assert context.window.text.startswith("from shop.models")
    assert [snippet.path for snippet in context.snippets] == ["shop/models.py"]
    assert 'def load_order(path: str) -> Order: """Read an order."""' in lines(context)
    assert not any("wrong" in line for line in lines(context))


def test_imported_modules_are_shown_whole_but_for_private_names(desk: Desk) -> None:
    """What else an imported module defines fills the room that is left."""
    desk.files({"shop/models.py": MODELS})
    found = lines(desk.gather("from shop.models import Order\n\nx = |\n"))
    assert 'class Order: """One order."""' in found
    assert "def total(self, rate: float) -> float:" in found
    assert not any("_hidden" in line for line in found)


def test_names_exported_by_a_package_are_found_inside_it(desk: Desk) -> None:
    """A name imported from a package is the one defined below it, not a namesake elsewhere."""
    definition = "class Order: ...\n"
    desk.files(
        {
            "shop/__init__.py": "from .deep import Order\n",
            "shop/deep.py": definition,
            "other/order.py": definition,
            "tools/__init__.py": "",
            "tools/dummy.py": definition,
        }
    )
    context = desk.gather("from tools import spanner\nfrom shop import Order\n\nx = Order(|)\n")
    assert context.snippets == (Snippet("shop/deep.py", "class Order:"),)


def test_names_imported_from_elsewhere_are_not_mistaken(desk: Desk) -> None:
    """A class here that is called like one imported from a library is not shown for it."""
    desk.files({"util.py": "class Path: ...\n"})
    assert desk.gather("from pathlib import Path\n\nx = Path(|)\n").snippets == ()


def test_methods_stand_indented_behind_their_class(desk: Desk) -> None:
    """The snippet reads like the file: in its order, methods indented."""
    desk.files({"shop/models.py": MODELS})
    (snippet,) = desk.gather("from shop.models import Order\n\nx = |\n").snippets
    assert snippet.text.splitlines()[:2] == [
        'class Order: """One order."""',
        "    def total(self, rate: float) -> float:",
    ]


def test_typescript_imports_are_followed(desk: Desk) -> None:
    """Relative imports of TypeScript lead to their signatures."""
    desk.files({"lib/price.ts": "export function price(net: number): number { return net }\n"})
    context = desk.gather(
        'import { price } from "./lib/price"\nconst p = price(|)\n', "main.ts", "typescript"
    )
    assert context.snippets == (Snippet("lib/price.ts", "function price(net: number): number"),)


def test_an_unmistakable_call_needs_no_import(desk: Desk) -> None:
    """A name defined once elsewhere and called here is shown; one that is merely mentioned is not."""
    desk.files({"util.py": "def compute_tax(net): ...\ndef result(x): ...\n"})
    found = lines(desk.gather("result = 1\ntax = compute_tax(|)\n"))
    assert found == ["def compute_tax(net):"]


@pytest.mark.parametrize("count", [2, 3])
def test_a_common_name_is_not_guessed(desk: Desk, count: int) -> None:
    """A name with many definitions tells nothing unless it is imported."""
    desk.files({f"m{number}.py": f"def process(x{number}): ...\n" for number in range(count)})
    assert len(lines(desk.gather("process(|)\n"))) == (2 if count == 2 else 0)


def test_names_of_the_document_itself_are_not_looked_up(desk: Desk) -> None:
    """What the document defines is not shown from elsewhere, nor is the document shown to itself."""
    text = "def helper(a): ...\nhelper(|)\n"
    desk.files({"util.py": "def helper(b): ...\n", "main.py": text.replace("|", "")})
    assert desk.gather(text).snippets == ()


def test_other_languages_are_not_mixed_in(desk: Desk) -> None:
    """A Ruby method does not help a Python call."""
    desk.files({"util.rb": "def compute(a)\nend\n"})
    assert desk.gather("compute(|)\n").snippets == ()


def test_half_typed_words_inside_the_hole_are_not_looked_up(desk: Desk) -> None:
    """The span holds what is half typed; that it spells a known name means nothing yet."""
    desk.files({"util.py": "class Item: ...\n"})
    document = desk.document("x = Item")
    parsed = parse(document.text, language_for("python"))
    context = desk.gatherer.gather(document, parsed, Span(4, 8), SETTINGS)
    assert not any(item.reason == 0 for item in desk.gatherer._choices["main.py"].items)
    assert context.window.text == "x = Item"


def test_recently_edited_regions_of_other_files_are_shown_last(desk: Desk) -> None:
    """What was just edited elsewhere is shown behind the definitions; the document's own edits are not."""
    desk.files({"util.py": "def compute(net): ...\n"})
    desk.edit("notes.py", "a = 1\nb = 2\n", "a = 1\nb = 20\n")
    desk.edit("main.py", "x\n", "y\n")
    context = desk.gather("compute(|)\n")
    assert context.snippets == (Snippet("util.py", "def compute(net):"), Snippet("notes.py", "b = 20"))


@pytest.mark.parametrize("name", [".env", "secrets.py", "gen/a.py"])
def test_regions_of_excluded_files_are_never_shown(desk: Desk, name: str) -> None:
    """Edits in private and ignored files stay there."""
    (desk.root / ".gitignore").write_text("gen/\n", encoding="utf-8")
    desk.files({})
    desk.edit(name, "VALUE = 1\n", "VALUE = 22\n")
    assert desk.gather("x = |\n").snippets == ()


def test_regions_with_or_near_a_secret_are_never_shown(desk: Desk) -> None:
    """Neither a line that holds a key nor a line from the middle of a key block is shown."""
    desk.files({})
    token = "ghp_" + "a1" * 20
    desk.edit("a.py", "t = 0\n", f"t = '{token}'\n")
    head = "-----BEGIN " + "PRIVATE KEY-----\n"
    block = "".join(f"MIIEvQIBADANBgkqhkiG9w0BAQEFAASC{number:03}\n" for number in range(60))
    desk.edit("b.py", f"k = '''{head}{block}", f"k = '''{head}{block[:-8]}changed\n")
    assert desk.gather("x = |\n").snippets == ()


def test_definitions_of_excluded_files_are_never_shown(desk: Desk) -> None:
    """Retrieval does not reach private, ignored or vendored files."""
    (desk.root / ".gitignore").write_text("gen/\n", encoding="utf-8")
    text = "def compute(net): ...\n"
    desk.files({"credentials.py": text, "gen/a.py": text, "node_modules/b.py": text})
    assert desk.gather("compute(|)\n").snippets == ()


@pytest.mark.parametrize("tokens", [0, 10, 30, 100, 400])
def test_the_budget_holds(desk: Desk, tokens: int) -> None:
    """Paths and texts together take no more than the tokens allowed."""
    text = "".join(f"def function_{number}(argument_one, argument_two): ...\n" for number in range(60))
    desk.files({"shop/big.py": text, "shop/more.py": text.replace("function", "method")})
    desk.edit("notes.py", "a\n" * 60, "a\n" * 30 + "b\n" * 30)
    context = desk.gather("from shop.big import *\nimport shop.more\n|\n", snippet_tokens=tokens)
    used = sum(len(snippet.path) + len(snippet.text) for snippet in context.snippets)
    assert used <= tokens * CHARS_PER_TOKEN
    assert bool(used) is (tokens > 0)


def test_cross_file_context_can_be_turned_off(desk: Desk) -> None:
    """With `cross_file` off only the window is shown."""
    desk.files({"util.py": "def compute(net): ...\n"})
    assert desk.gather("compute(|)\n", cross_file=False).snippets == ()


BODY = "from shop.models import Order, load_order\n\n" + "value = 1\n" * 20


def test_snippets_stay_while_typing(desk: Desk) -> None:
    """Over a typed line that names nothing new the snippets are the same, object for object."""
    desk.files({"shop/models.py": MODELS, "util.py": "def unrelated(): ...\n"})
    desk.edit("notes.py", "a = 1\n", "a = 10\n")
    line = "order = load_order(path)"
    seen = {desk.gather(f"{BODY}{line[:end]}|\n{BODY}").snippets for end in range(len(line))}
    assert len(seen) == 1


def test_a_name_newly_used_on_the_line_is_added(desk: Desk) -> None:
    """What the hole's line calls is shown at once, even if other snippets were chosen before."""
    desk.files({"shop/models.py": MODELS, "util.py": "def compute_tax(net): ...\n"})
    before = desk.gather(f"{BODY}|\n")
    after = desk.gather(f"{BODY}compute_tax(|)\n")
    assert "def compute_tax(net):" not in lines(before)
    assert "def compute_tax(net):" in lines(after)


@pytest.mark.parametrize(("between", "expected"), [(10, "def alpha(one):"), (400, "def beta(two):")])
def test_snippets_change_only_with_a_far_move(desk: Desk, between: int, expected: str) -> None:
    """Where the budget holds one of two, a small move of the hole does not swap them; a far one does."""
    desk.files({"util.py": "def alpha(one): ...\ndef beta(two): ...\n"})
    text = "alpha()\n" + "x = 1\n" * between + "beta()\n"
    assert lines(desk.gather(text.replace("()\n", "()\n|", 1) + "\n", snippet_tokens=10)) == [
        "def alpha(one):"
    ]
    assert lines(desk.gather(text + "|\n", snippet_tokens=10)) == [expected]


@pytest.mark.parametrize("line", ["", "load_order("])
def test_snippets_that_are_no_longer_true_go(desk: Desk, line: str) -> None:
    """A signature that changed on disk is not shown from memory, whether the line needs it or not."""
    desk.files({"shop/models.py": MODELS})
    marked = f"{BODY}{line}|\n"
    assert any("path: str" in line for line in lines(desk.gather(marked)))
    desk.files({"shop/models.py": MODELS.replace("path: str", "path: Path, strict: bool")})
    found = lines(desk.gather(marked))
    assert any("strict: bool" in line for line in found)
    assert not any("path: str" in line for line in found)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("|", "python"),
        ("x" * 100 + "|", "nonesuch"),
        ("👩‍👩‍👧 = 1\r\n|\r\n", "python"),
        ("from a import (|", "python"),
        ("a\0b|", "python"),
        ("a = 1\n" * 50_000 + "|", "python"),
        ("y" * 5_000_000 + "|", "javascript"),
    ],
    ids=["empty", "unknown language", "emoji", "broken import", "binary", "50,000 lines", "one 5 MB line"],
)
def test_any_document_has_a_context(desk: Desk, text: str, language: str) -> None:
    """Whatever the document, there is a bounded window that ends or begins at the hole."""
    context = desk.gather(text, language=language)
    assert len(context.window.text) <= (384 + 96) * CHARS_PER_TOKEN


def test_an_untitled_document_has_a_context(desk: Desk) -> None:
    """A document without a file is helped by what is unmistakable."""
    desk.files({"util.py": "def compute(net): ...\n"})
    document = Document(key="untitled:1", language="python", text="compute()")
    parsed = parse(document.text, language_for("python"))
    context = desk.gatherer.gather(document, parsed, Span(8, 8), SETTINGS)
    assert context.snippets == (Snippet("util.py", "def compute(net):"),)


def test_gathering_reads_no_files(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a document's verdict is known, gathering opens and lists nothing."""
    desk.files({"shop/models.py": MODELS})
    marked = f"{BODY}load_order(|)\n"
    desk.gather(marked)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the disk was read")

    for name in ("open", "stat", "lstat", "exists", "is_file", "is_dir", "resolve", "iterdir"):
        monkeypatch.setattr(Path, name, refuse)
    monkeypatch.setattr("os.scandir", refuse)
    monkeypatch.setattr("os.path.realpath", refuse)
    assert lines(desk.gather(marked.replace("value = 1", "value = 2")))


def test_names_of_other_files_are_known(desk: Desk) -> None:
    """What some file of the workspace defines."""
    desk.files({"other.py": "def helper():\n    pass\n"})
    assert desk.gatherer.knows("helper")
    assert not desk.gatherer.knows("nowhere")
