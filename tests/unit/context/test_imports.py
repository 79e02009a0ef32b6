"""Following imports to files."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.context.imports import Import, family, imports_of, resolve
from lsp_server.context.index import Index, IndexedFile
from lsp_server.syntax.languages import language_of_path

ROOT = Path("/w/root").absolute()


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("python", "import os, a.b as c  # note\n", [Import(("os",)), Import(("a", "b"))]),
        ("python", "from a.b import C as D, e\n", [Import(("a", "b"), names=("C", "e"))]),
        ("python", "from a import (\n  B,  # why\n  C,\n)\n", [Import(("a",), names=("B", "C"))]),
        ("python", "from . import x\n", [Import((), up=0, names=("x",))]),
        ("python", "    from ..p.q import *\r\n", [Import(("p", "q"), up=1)]),
        ("python", "important = 1\nfrom_ = 2\n", []),
        ("typescript", 'import {A as B, type C} from "./x";', [Import(("x",), 0, ("A", "C"))]),
        ("typescript", "import * as p from '../lib/p'", [Import(("..", "lib", "p"), 0, ("p",))]),
        ("javascript", 'const y = require("./y.js")', [Import(("y.js",), 0)]),
        (
            "javascript",
            'import "./side"; await import("./late")',
            [Import(("side",), 0), Import(("late",), 0)],
        ),
        ("typescriptreact", 'import X from "@/ui/X"', [Import(("ui", "X"), None, ("X",))]),
        ("javascript", 'import React from "react"', [Import((), None, ("React",))]),
        ("javascript", 'export {a} from "./a"', [Import(("a",), 0, ("a",))]),
        ("c", '#include <stdio.h>\n#include "net/a.h"\n', [Import(("net", "a.h"), 0)]),
        ("go", 'import "fmt"\n', []),
        ("python", "", []),
    ],
)
def test_imports_are_read(language: str, text: str, expected: list[Import]) -> None:
    """Modules, levels and names as the language writes them."""
    assert list(imports_of(text, language)) == expected


def test_imports_are_looked_for_only_near_the_start() -> None:
    """Five megabytes on one line cost no more than a page."""
    assert imports_of("x" * 5_000_000 + "\nimport a\n", "python") == ()


def index_of(*names: str) -> Index:
    index = Index()
    for name in names:
        language = language_of_path(Path(name))
        index.put(IndexedFile(ROOT / name, language.id if language else "", ()))
    return index


@pytest.mark.parametrize(
    ("files", "document", "text", "expected"),
    [
        (["a/b.py"], "main.py", "from a.b import C", ["a/b.py"]),
        (["a/b.py"], "main.py", "import a.b", ["a/b.py"]),
        (["s/a/__init__.py", "s/a/b.py"], "t.py", "from a import b", ["s/a/__init__.py", "s/a/b.py"]),
        (["p/x.py", "q/x.py"], "q/main.py", "from x import y", ["q/x.py"]),
        (["p/x.py", "x.py"], "main.py", "import x", ["x.py"]),
        (["p/a.py", "p/q/b.py"], "p/q/b.py", "from ..a import x", ["p/a.py"]),
        (["p/a.py", "p/b.py"], "p/b.py", "from . import a", ["p/a.py"]),
        (["p/a.py", "a.py"], "p/b.py", "from .a import x", ["p/a.py"]),
        (["p/a.pyi"], "p/b.py", "from .a import x", ["p/a.pyi"]),
        (["p/a.ts"], "b.py", "from p.a import x", []),
        (["b.py"], "b.py", "import b", []),
        (["other/b.py"], "main.py", "import a.b", []),
        (["p/a.ts"], "p/b.ts", 'import {x} from "./a"', ["p/a.ts"]),
        (["p/a.ts"], "p/b.ts", 'import {x} from "./a.js"', ["p/a.ts"]),
        (["lib/index.tsx"], "p/b.ts", 'import x from "../lib"', ["lib/index.tsx"]),
        (["src/ui/X.tsx"], "src/p/b.ts", 'import X from "@/ui/X"', ["src/ui/X.tsx"]),
        (["react.ts"], "b.ts", 'import React from "react"', []),
        (["p/a.h", "p/a.c"], "p/a.c", '#include "a.h"', ["p/a.h"]),
        (["include/net/a.h"], "src/a.c", '#include "net/a.h"', ["include/net/a.h"]),
        (["p/a.py"], "b.py", "from ...... import a", []),
    ],
)  # fmt: skip
def test_imports_lead_to_files(files: list[str], document: str, text: str, expected: list[str]) -> None:
    """Relative and absolute modules are found among the indexed files, the nearest of several."""
    language = language_of_path(Path(document))
    assert language is not None
    index, path = index_of(*files), ROOT / document
    found = [each for one in imports_of(text, language.id) for each in resolve(one, path, index, language.id)]
    assert [each.relative_to(ROOT).as_posix() for each in found] == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("typescript", "javascript", True),
        ("c", "cpp", True),
        ("python", "python", True),
        ("python", "ruby", False),
        ("nonesuch", "nonesuch", True),
    ],
)
def test_families(one: str, other: str, expected: bool) -> None:
    """Languages that import each other's files are one family."""
    assert (other in family(one)) is expected
