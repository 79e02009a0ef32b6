"""Names of a document that types may be made of."""

from __future__ import annotations

import pytest

from lsp_server.syntax.languages import language_for
from lsp_server.syntax.parse import parse
from lsp_server.syntax.typenames import type_names

PYTHON = """import a.b
from c import D as E

F = dict[str, int]


class G(H):
    i = 1

    def j(self, k, l: M = n, *o: P) -> Q[R]:
        s = t(k)
        return s
"""
TYPESCRIPT = """import { A, type B } from "b";
import * as c from "c";

interface D<E> { f: G }
type H = I | string;
class J extends K {}

function l(m, n: O = p): Q<R> {
  const s = t(m);
  return s;
}
"""


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [("python", PYTHON, "abDEFGMPQRc"), ("typescript", TYPESCRIPT, "ABDEGHIJOQRc"), ("python", "", "")],
)
def test_names(language: str, text: str, names: str) -> None:
    """Types, what is imported or stands in annotations, and aliases; no parameter, variable or function."""
    assert type_names(parse(text, language_for(language))) == set(names)
