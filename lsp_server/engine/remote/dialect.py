"""What a server that is no Remask engine takes: routes, fields, and how a hole is put to its model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lsp_server.core.errors import BadInput
from lsp_server.engine.protocol import Snippet
from lsp_server.engine.remote.layouts import LAYOUTS, Layout, commented, layout_named

ALTERNATIVES = 4
"""How many of the likeliest tokens are asked for at each place; OpenAI allows five."""
OPTIONAL = frozenset({"logprobs", "stream_options", "seed", "stop", "reasoning_effort"})
"""Fields that a server may refuse; then they are left out."""
CHAT_ROUTE = "/v1/chat/completions"
INCEPTION_FIM = "mercury-edit-2"
INCEPTION_CHAT = "mercury-2"


@dataclass(frozen=True, slots=True)
class Wish:
    """What one answer should be like. `line`: it ends before its first line break."""

    max_tokens: int
    temperature: float
    seed: int
    line: bool = False


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one server is asked. Without a `layout` it takes the suffix by itself, or is asked `in_chat`.

    A `bare` one takes neither temperature nor seed, and tells no probabilities.
    """

    model: str
    chat_model: str
    layout: Layout | None = None
    route: str = "/v1/completions"
    bare: bool = False
    in_chat: bool = False

    @classmethod
    def named(cls, prompt: str, model: str, *, known_as: str = "") -> Dialect:
        """That of an OpenAI-style server; `prompt` is the setting, `known_as` another name of the model.

        Raises:
            BadInput: the setting is "auto" and the model's name does not say how it fills.
        """
        name = prompt if prompt != "auto" else layout_named(model) or layout_named(known_as)
        if name is None:
            raise BadInput(
                f"it is not known how {model} fills in the middle",
                hint="Set engine.prompt to its family, to suffix, or to chat.",
            )
        return cls(model, model, LAYOUTS.get(name), in_chat=name == "chat")

    @classmethod
    def inception(cls, model: str) -> Dialect:
        """That of Inception's API (https://docs.inceptionlabs.ai)."""
        return cls(model or INCEPTION_FIM, INCEPTION_CHAT, route="/v1/fim/completions", bare=True)

    @property
    def alone(self) -> frozenset[str]:
        """Texts of tokens that are no text of their own."""
        return self.layout.marks if self.layout else frozenset()

    def hole(
        self,
        before: str,
        after: str,
        *,
        typed: str,
        path: str,
        snippets: Sequence[Snippet],
        comment: str | None,
        wish: Wish,
    ) -> dict[str, Any]:
        """The body that asks for what stands between two texts, behind what is `typed` there."""
        stops = ["\n"] if wish.line else []
        body = self._body(self.model, wish)
        if self.layout:
            body["prompt"] = self.layout.prompt(
                before, after, typed=typed, path=path, snippets=snippets, comment=comment
            )
        else:
            body["prompt"] = commented(snippets, comment) + before + typed
            body["suffix"] = after
        if self.bare:
            # its own default ends a fill at the first blank line
            stops = stops or ["\n\n\n"]
        else:
            body["logprobs"] = ALTERNATIVES
        if stops:
            body["stop"] = stops
        return body

    def chat(self, system: str, user: str, wish: Wish) -> dict[str, Any]:
        """The body that asks in chat."""
        messages = [{"role": "system", "content": system}, {"role": "user", "content": user}]
        body = self._body(self.chat_model, wish) | {"messages": messages}
        return body | {"reasoning_effort": "instant"} if self.bare else body

    def _body(self, model: str, wish: Wish) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": model,
            "max_tokens": wish.max_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        return body if self.bare else body | {"temperature": wish.temperature, "seed": wish.seed}
