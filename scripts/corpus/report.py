"""What a corpus is made of, for a person and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lsp_server.training.corpus.documents import CorpusDocument
from lsp_server.training.corpus.reasons import Reason

CountTokens = Callable[[Sequence[str]], list[int]]
_AT_ONCE = 256


@dataclass(slots=True)
class Amount:
    """How much there is of something. `bytes` are of UTF-8."""

    files: int = 0
    bytes: int = 0
    tokens: int = 0


@dataclass(slots=True)
class Part:
    """One of the parts of a corpus, in amounts by language, licence and package."""

    total: Amount
    languages: dict[str, Amount]
    licences: dict[str, Amount]
    packages: dict[str, Amount]


def measure(documents: Sequence[CorpusDocument], count: CountTokens) -> Part:
    """Amounts of `documents`; `count` gives each text's number of tokens."""
    part = Part(Amount(), {}, {}, {})
    for start in range(0, len(documents), _AT_ONCE):
        some = documents[start : start + _AT_ONCE]
        for document, tokens in zip(some, count([each.text for each in some]), strict=True):
            size = len(document.text.encode("utf-8", "surrogatepass"))
            for amount in (
                part.total,
                part.languages.setdefault(document.language, Amount()),
                part.licences.setdefault(document.licence, Amount()),
                part.packages.setdefault(document.package, Amount()),
            ):
                amount.files += 1
                amount.bytes += size
                amount.tokens += tokens
    return part


def as_json(
    parts: Mapping[str, Part],
    dropped: Counter[Reason],
    contaminated: Mapping[str, Sequence[str]],
    about: Mapping[str, Any],
) -> dict[str, Any]:
    """The report as it is written to `report.json`; nothing in it depends on when and where it was made."""
    return {
        **about,
        "parts": {name: asdict(part) for name, part in parts.items()},
        "dropped": {reason.value: dropped[reason] for reason in Reason if dropped[reason]},
        "contaminated": {name: sorted(paths) for name, paths in sorted(contaminated.items())},
    }


def as_text(parts: Mapping[str, Part], dropped: Counter[Reason]) -> str:
    """The report as tables."""
    blocks: list[str] = []
    for name, part in parts.items():
        for title, amounts in (("language", part.languages), ("licence", part.licences)):
            order = sorted(amounts.items(), key=lambda item: (-item[1].tokens, item[0]))
            blocks.append(_table(f"{name} by {title}", [*order, ("all", part.total)]))
    lines = [f"{count:>9,}  {reason.value}" for reason, count in dropped.most_common()]
    blocks.append("\n".join(["files left out", *lines]))
    return "\n\n".join(blocks) + "\n"


def _table(title: str, rows: Iterable[tuple[str, Amount]]) -> str:
    lines = [f"{title:<24}{'files':>9}{'MB':>9}{'k tokens':>11}"]
    lines += [
        f"  {name:<22}{amount.files:>9,}{amount.bytes / 1e6:>9.1f}{amount.tokens / 1e3:>11,.0f}"
        for name, amount in rows
    ]
    return "\n".join(lines)
