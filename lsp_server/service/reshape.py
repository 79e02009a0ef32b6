"""Fitting a rewritten selection into the place of the old one: edges and indentation stay."""

from __future__ import annotations

import textwrap

OPENERS = (":", "{", "(", "[")


def reshape(original: str, fill: str, indent: str) -> str:
    """`fill` with the white space of `original` at both ends and its lines indented by `indent`.

    `indent` is the white space at the start of the original's first line in the
    document, whether or not it belongs to `original`. A model may answer with
    that indentation, without it, or without it on the first line only.
    """
    text = _from_margin(fill.strip("\n").rstrip(), indent)
    body = textwrap.indent(textwrap.dedent(text), indent).strip()
    stripped = original.strip()
    if not stripped:
        return body
    start = original.index(stripped[0])
    return original[:start] + body + original[start + len(stripped) :]


def _from_margin(text: str, indent: str) -> str:
    """`text` with its first line indented like the others, if it alone lacks `indent`."""
    first, _, rest = text.partition("\n")
    following = next((line for line in rest.split("\n") if line.strip()), "")
    if not indent or first[:1].isspace() or not following.startswith(indent):
        return text
    opens = first.rstrip().endswith(OPENERS)
    absolute = following[len(indent) : len(indent) + 1].isspace() if opens else True
    return indent + text if absolute else text
