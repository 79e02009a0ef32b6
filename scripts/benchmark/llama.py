"""llama.cpp's side: the worker process and the talk with it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from benchmark import llama_worker
from benchmark.processes import cpu_seconds
from benchmark.sides import OTHERS, Ask, Fill
from lsp_server.engine.runtime.families import instruct

CLOSE_S = 10.0


class LlamaSide:
    """A `Side` that computes in a worker process, started with the interpreter `python`."""

    name = "llama_cpp"

    def __init__(self, python: str, gguf: Path, threads: int) -> None:
        """Start the worker and wait until it has loaded the model.

        Raises:
            RuntimeError: it could not.
        """
        command = [python, "-P", str(llama_worker.__file__), str(gguf), "--threads", str(threads)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self.pid = self._process.pid
        hello = self._answer()
        self.version: str = hello["version"]
        self.system: str = hello["system"].strip()

    def fill(self, ask: Ask) -> Fill:
        """See `Side`; timed by the worker, so that the pipe costs it nothing."""
        if ask.instruction is not None:
            return self._rewritten(ask)
        return self.fill_line(ask, skip_blank=False)

    def fill_line(self, ask: Ask, *, skip_blank: bool = True) -> Fill:
        """A fill; blank lines at its start do not count as lines with `skip_blank`."""
        return Fill(
            **self._ask(
                "fill",
                prefix=ask.prefix,
                suffix=ask.suffix,
                max_tokens=ask.max_tokens,
                max_lines=ask.max_lines,
                min_indent=ask.min_indent,
                skip_blank=skip_blank,
            )
        )

    def _rewritten(self, ask: Ask) -> Fill:
        """A rewrite: Remask's own prompt and what it makes of an answer."""
        user, start = instruct.instruction_parts(
            language="python", selected=ask.selected, instruction=ask.instruction or ""
        )
        turns = [("system", instruct.SYSTEM), ("user", user), ("assistant", start)]
        found = self._ask("fill", turns=turns, max_tokens=ask.max_tokens, marker=instruct.FENCE)
        answer = instruct.without_surroundings(found["text"].strip("\n"), ask.prefix, ask.suffix)
        return Fill(**{**found, "text": instruct.restore_indent(answer, ask.selected)})

    def forget(self) -> None:
        """See `Side`."""
        for text in OTHERS:
            self._ask("fill", prefix=text, suffix="", max_tokens=1)
        self._ask("forget")

    def cpu_seconds(self) -> float:
        """See `Side`."""
        return cpu_seconds(self.pid)

    def close(self) -> None:
        """End the worker."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(CLOSE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _ask(self, do: str, **given: Any) -> Any:  # noqa: ANN401 -- JSON
        if not self._process.stdin:
            raise RuntimeError("the worker has no stdin")
        self._process.stdin.write(json.dumps({"do": do, "with": given}) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:  # noqa: ANN401 -- JSON
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise RuntimeError(f"llama.cpp's worker ended with status {self._process.wait()}")
        return json.loads(line)
