"""Questions in chat, and the code in what is answered."""

from __future__ import annotations

import re

from lsp_server.engine.runtime.families import instruct

FILL_SYSTEM = (
    "You complete code. The user shows a file with <HOLE/> in it. Answer with the exact text that stands in"
    " its place, in one code block, without what stands before or after it."
)
HOLE = "<HOLE/>"
_THOUGHT = re.compile(r"^\s*<think>.*?(?:</think>|\Z)", re.DOTALL)
_BLOCK = re.compile(r"^[ \t]*```[^\n`]*\n(.*?)(?:^[ \t]*```|\Z)", re.DOTALL | re.MULTILINE)


def code_in(answer: str) -> str:
    """The first code block of an answer, or all of it if it has none; without what was thought aloud."""
    said = _THOUGHT.sub("", answer)
    found = _BLOCK.search(said)
    return found[1].removesuffix("\n") if found else said.strip("\n")


def rewritten(answer: str, *, present: str, before: str, after: str) -> str:
    """What an answer makes of `present`, which stands between two texts."""
    code = instruct.without_surroundings(code_in(answer).strip("\n"), before, after)
    return instruct.restore_indent(code, present)


def rewrite_question(present: str, *, language: str, instruction: str) -> str:
    """What the user says to have `present` rewritten."""
    asked, _ = instruct.instruction_parts(language=language, selected=present, instruction=instruction)
    return asked


def hole_question(before: str, after: str, *, language: str, path: str) -> str:
    """What the user says to have a hole filled."""
    name = "" if language == "plaintext" else language
    shown = before.replace(HOLE, "") + HOLE + after.replace(HOLE, "")
    return f"{path or 'The file'}:\n```{name}\n{shown}\n```"


def filled(answer: str, *, before: str) -> str:
    """The text for a hole behind `before`, less the start of its line if the answer repeats that."""
    code = code_in(answer)
    line = before[before.rfind("\n") + 1 :]
    if line.strip() and code.lstrip().startswith(line.strip()):
        return code.lstrip()[len(line.strip()) :]
    return code.lstrip(" \t") if line and not line.strip() else code
