"""Functions of held-out packages and their calls, with a parameter taken away from all of them."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lsp_server.core.edits import apply_together
from lsp_server.core.errors import RemaskError
from lsp_server.core.types import Document, Edit
from lsp_server.service.consequences.changed import by_signature
from lsp_server.service.consequences.follow import Follower
from lsp_server.syntax.parse import Parsed, parse
from lsp_server.syntax.signatures import Signature, Slot, Way, signatures

LEAST_CALLS, MOST_CALLS = 2, 8
LARGEST = 60_000
MOST_NAMED = 16
"""Places of a package with the name; of one in more most are something else."""
_NAMES = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Planted:
    """Texts `before`, by path, lack a parameter that those `after` have, in a header and calls of `name`.

    `edit` gives the function in `path` its header again.
    """

    path: str
    name: str
    parameter: str
    before: Mapping[str, str]
    after: Mapping[str, str]
    calls: int
    edit: Edit


async def planted(
    follower: Follower, documents: Sequence[tuple[Document, Parsed]], seed: int, most: int
) -> list[Planted]:
    """At most `most` changes; `documents` are a package's, as on disk, and open nowhere."""
    found: list[Planted] = []
    rng = random.Random(seed)  # noqa: S311 -- a sample, not a secret
    named = Counter(name for document, _ in documents for name in _NAMES.findall(document.text))
    choices = [each for each in _choices(documents) if LEAST_CALLS < named[each[2].called] <= MOST_NAMED]
    rng.shuffle(choices)
    for document, parsed, signature, slot in choices:
        if len(found) == most:
            break
        made = await _without(follower, document, parsed, signature, slot)
        if made is not None:
            found.append(made)
    return found


def _choices(
    documents: Iterable[tuple[Document, Parsed]],
) -> Iterator[tuple[Document, Parsed, Signature, Slot]]:
    """Every parameter that calls have to give."""
    for document, parsed in documents:
        if len(document.text) > LARGEST:
            continue
        for each in signatures(parsed):
            if each.name.startswith("__") and each.name != "__init__":
                continue
            for slot in each.slots:
                if slot.way is Way.EITHER and not slot.optional and slot.name:
                    yield document, parsed, each, slot


async def _without(
    follower: Follower, document: Document, parsed: Parsed, signature: Signature, slot: Slot
) -> Planted | None:
    kept = [each for each in signature.slots if each != slot]
    inside = ", ".join(document.text[each.span.start : each.span.end] for each in kept)
    try:
        changed = by_signature(document, parsed, signature.at.start, inside)
        sites = await follower.sites_of(changed)
    except (RemaskError, ValueError):
        return None
    calls = sum(len(each.refits) for each in sites)
    unclear = any(each.left for each in sites)
    if (
        unclear
        or not LEAST_CALLS <= calls <= MOST_CALLS
        or any(each.holes for page in sites for each in page.refits)
    ):
        return None
    before, after = {}, {}
    for page in sites:
        path = str(page.document.path)
        text = document.text if page.document.key == document.key else page.document.text
        edits = [
            Edit(each.span, "".join(part for part in each.parts if isinstance(part, str)))
            for each in page.refits
        ]
        before[path] = apply_together(page.document.text, edits)
        after[path] = text
    edit = _header(signature, before[str(document.path)], parsed)
    if edit is None:
        return None
    return Planted(str(document.path), changed.new, slot.name, before, after, calls, edit)


def _header(signature: Signature, text: str, parsed: Parsed) -> Edit | None:
    """What gives the function its parameters back."""
    brackets = parsed.text[signature.brackets.start : signature.brackets.end]
    alike = [
        each
        for each in signatures(parse(text, parsed.language))
        if (each.name, each.holder) == (signature.name, signature.holder)
    ]
    return Edit(alike[0].brackets, brackets) if len(alike) == 1 else None
