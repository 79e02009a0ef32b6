"""The one settings object. Wire options become it in `lsp/options.py`, nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

DEFAULT_MODEL = "qwen2.5-coder-0.5b-fim"


@dataclass(frozen=True, slots=True)
class CompletionSettings:
    """Inline completion."""

    multi_line: Literal["auto", "always", "never"] = "auto"
    max_lines: int = 8
    max_tokens: int = 96
    candidates: int = 3
    """How many to offer when the user asks for suggestions by hand."""
    budget_ms: int = 2500
    """Wall-clock time after which the committed part is shown."""
    debounce_ms: int = 150
    """The longest wait for more typing; how long it is depends on how fast typing and fills are."""
    min_confidence: float = 0.08
    """Probability that the first line is right below which nothing is shown unasked."""
    seed: int = 0
    """The same seed gives the same suggestions."""
    ahead: bool = True
    """Whether the fill behind a suggestion is made before it is accepted; never on battery."""
    show_doubts: Literal["auto", "diagnostics", "off"] = "auto"
    """Whether doubtful tokens of what was accepted are shown: where the editor can underline them, as hints
    in any editor, or not at all."""


@dataclass(frozen=True, slots=True)
class ContextSettings:
    """What the model is shown, in tokens of about 3.5 characters."""

    prefix_tokens: int = 384
    suffix_tokens: int = 96
    snippet_tokens: int = 192
    cross_file: bool = True


@dataclass(frozen=True, slots=True)
class RewriteSettings:
    """Rewriting a selection."""

    strength: float = 1.0
    budget_ms: int = 60_000
    max_tokens: int = 512


@dataclass(frozen=True, slots=True)
class NextEditSettings:
    """The next edit: what follows elsewhere from what was changed last."""

    enabled: bool = True


@dataclass(frozen=True, slots=True)
class SuspicionSettings:
    """Looking for suspicious code."""

    on_save: bool = False
    """Whether a document is looked through when it is saved; never on battery. Else only when asked."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """The engine process."""

    idle_minutes: float = 20.0
    threads: int = 0
    """0: as many as the machine has physical cores."""
    parallel: int = 0
    """Fills that run at once and share passes. 0: one on a processor, 32 on a GPU."""
    memory_mb: int = 0
    """MiB that the engine may hold. 0: half of the machine's memory."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["auto", "int8", "bf16", "fp32"] = "auto"
    backend: Literal["auto", "numba", "openvino", "torch"] = "auto"
    """What computes."""
    decode: Literal["auto", "verified", "confidence", "entropy", "left-to-right"] = "auto"
    url: str = ""
    """A server that is asked instead of the engine of this machine. Empty: none."""
    kind: Literal["auto", "remask", "openai", "inception"] = "auto"
    """What that server speaks."""
    remote_model: str = ""
    """The model there. Empty: the first one it names."""
    prompt: Literal[
        "auto",
        "suffix",
        "chat",
        "qwen",
        "starcoder",
        "codellama",
        "deepseek",
        "codestral",
        "codegemma",
        "seed",
    ] = "auto"
    """How a hole is put to a model that is no Remask engine's. `auto`: by the model's name."""
    plain_http: bool = False
    """Whether code may go to another machine without TLS."""
    ca_file: str = ""
    """A PEM file with the authority that signed the server's certificate. Empty: the system's alone."""
    fallback: bool = True
    """Whether the engine of this machine answers what the server cannot or may not."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a user can choose."""

    enable: bool = True
    languages: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))
    """Per language id; a language not named here is on."""
    model: str = DEFAULT_MODEL
    statistics: bool = True
    """Whether what became of suggestions is counted, in a file on this machine (`remask stats`)."""
    completion: CompletionSettings = field(default_factory=CompletionSettings)
    context: ContextSettings = field(default_factory=ContextSettings)
    rewrite: RewriteSettings = field(default_factory=RewriteSettings)
    suspicion: SuspicionSettings = field(default_factory=SuspicionSettings)
    next_edit: NextEditSettings = field(default_factory=NextEditSettings)
    engine: EngineSettings = field(default_factory=EngineSettings)

    def enabled_for(self, language: str) -> bool:
        """Whether suggestions are on for a language id."""
        return self.enable and self.languages.get(language, True)
