"""Writing the report beside the shards."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from corpus.report import as_json, as_text, measure
from corpus.tokens import counter
from lsp_server.training.corpus.documents import CorpusDocument
from lsp_server.training.corpus.reasons import Reason


def summarise(
    parts: Mapping[str, Sequence[CorpusDocument]],
    dropped: Counter[Reason],
    contaminated: Mapping[str, Sequence[str]],
    about: Mapping[str, Any],
    out: Path,
) -> str:
    """Write `report.json` and `report.txt`; the latter's text."""
    count, exact = counter()
    measured = {name: measure(documents, count) for name, documents in parts.items()}
    fields = as_json(measured, dropped, contaminated, {**about, "tokens_counted": exact})
    (out / "report.json").write_text(json.dumps(fields, indent=1) + "\n", encoding="utf-8")
    text = as_text(measured, dropped)
    (out / "report.txt").write_text(text, encoding="utf-8")
    return text
