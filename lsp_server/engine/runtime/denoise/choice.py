"""From logits to tokens: greedy or sampled, within what may stand at a position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from lsp_server.engine.protocol import DOUBTFUL
from lsp_server.engine.runtime.denoise.canvas import Others, text_of
from lsp_server.engine.runtime.vocabulary import Vocabulary

MOST_OTHERS = 4
"""Alternatives of a doubtful token, and the probability below which it has no more of them."""
LEAST_LIKELY = 0.02
_SPARE = 8
"""How many more are looked at, since some tokens are no text."""
_MIN_P = 0.05
"""Sampling never takes a token less likely than this share of the likeliest (min-p, arXiv 2407.01082)."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A token for one position, its probability, and the position's entropy in nats.

    `others` are the likeliest tokens beside it, once they were looked for.
    """

    token: int
    confidence: float
    entropy: float
    others: Others = ()


class Chooser:
    """Chooses tokens for one candidate.

    Noise belongs to a place of the fill (Gumbel-max), not to a draw: whatever decode asks
    about a place, in whatever order, gets the same answer for the same seed, and a
    draft and its verification agree wherever their distributions do.
    Logits have a column for each token of `ids`, which ascend; None: for every token.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        never: frozenset[int],
        *,
        temperature: float,
        seed: int,
        ids: Tensor | None = None,
    ) -> None:
        self._vocabulary = vocabulary
        self.ids = ids
        self._forbidden = torch.tensor(sorted(never), dtype=torch.long)
        self._never = self._columns(self._forbidden)
        self._temperature = temperature
        self._seed = seed
        self._excluded: dict[int, Tensor] = {}
        self._among: Tensor | None = None

    def exclude(self, tokens: Mapping[int, Sequence[int]]) -> None:
        """From now on never choose these tokens at these places of the fill, and no others are excluded."""
        self._excluded = {place: self._columns(torch.tensor(sorted(each))) for place, each in tokens.items()}

    def choose(self, logits: Tensor, place: int, *, with_entropy: bool = False) -> list[Choice]:
        """One choice for each row of (rows, columns); row r stands at place ``place + r`` of the fill."""
        logits[:, self._never] = -torch.inf
        for at, columns in self._excluded.items():
            if place <= at < place + len(logits):
                logits[at - place, columns] = -torch.inf
        picked = self._pick(logits, place, self.ids)
        shares = logits.softmax(-1)
        chosen = shares.gather(1, picked[:, None])[:, 0]
        entropy = torch.special.entr(shares).sum(-1) if with_entropy else torch.zeros_like(chosen)
        return [
            Choice(token, confidence, nats)
            for token, confidence, nats in zip(
                self._tokens(picked).tolist(), chosen.tolist(), entropy.tolist(), strict=True
            )
        ]

    def choose_among(self, logits: Tensor, ids: Tensor, place: int) -> list[Choice]:
        """As `choose`, for (rows, len(ids)) logits of some tokens only: far less to go through."""
        if self._among is None:
            self._among = torch.isin(ids, self._forbidden.to(ids.device))
        logits = logits.masked_fill(self._among, -torch.inf)
        chosen = self._pick(logits, place, ids)
        shares = logits.softmax(-1).gather(1, chosen[:, None])[:, 0]
        return [
            Choice(token, confidence, 0.0)
            for token, confidence in zip(ids[chosen].tolist(), shares.tolist(), strict=True)
        ]

    def choose_fitting(self, logits: Tensor, typed: bytes, place: int) -> Choice:
        """The choice for one row (columns,) among the tokens that go on with `typed`.

        Its confidence is the share of that token among those that fit.
        """
        return self.choose(self._fitting(logits, typed)[None], place)[0]

    def weighed(self, choice: Choice, logits: Tensor, typed: bytes = b"") -> Choice:
        """`choice`, if it is doubtful with its alternatives in the row (columns,) that it was made from.

        They go on with `typed`, as it does. To be asked of what is committed only: it costs a look at
        the whole row.
        """
        if choice.confidence >= DOUBTFUL:
            return choice
        row = self._fitting(logits, typed) if typed else logits.clone()
        row[self._never] = -torch.inf
        likeliest = row.float().softmax(-1).topk(min(MOST_OTHERS + _SPARE, len(row)))
        others = [
            (token, probability)
            for token, probability in zip(
                self._tokens(likeliest.indices).tolist(), likeliest.values.tolist(), strict=True
            )
            if token != choice.token and probability >= LEAST_LIKELY and self._is_text(token)
        ]
        return replace(choice, others=tuple(others[:MOST_OTHERS]))

    def _is_text(self, token: int) -> bool:
        return bool(text_of(self._vocabulary.bytes_of(token)))

    def _fitting(self, logits: Tensor, typed: bytes) -> Tensor:
        """The row with only the tokens that go on with `typed`."""
        fitting = torch.tensor(self._vocabulary.fitting(typed), dtype=torch.long)
        columns = self._columns(fitting).to(logits.device)
        only = torch.full_like(logits, -torch.inf)
        only[columns] = logits[columns]
        return only

    def _columns(self, tokens: Tensor) -> Tensor:
        """The columns of those of `tokens` that have one."""
        if self.ids is None:
            return tokens
        places = torch.searchsorted(self.ids, tokens).clamp_max(len(self.ids) - 1)
        return places[self.ids[places] == tokens]

    def _tokens(self, columns: Tensor) -> Tensor:
        return columns if self.ids is None else self.ids[columns]

    def _pick(self, logits: Tensor, place: int, ids: Tensor | None = None) -> Tensor:
        if self._temperature == 0:
            return _likeliest(logits)
        floor = logits.amax(-1, keepdim=True) + torch.tensor(_MIN_P).log()
        scores = (logits / self._temperature).masked_fill(logits < floor, -torch.inf)
        size = self._vocabulary.size if ids is not None else logits.shape[1]
        noise = torch.stack([self._gumbel(place + row, size) for row in range(len(logits))])
        if ids is not None:
            noise = noise[:, ids.to(noise.device)]
        return (scores + noise.to(logits.device)).argmax(-1)

    def _gumbel(self, place: int, size: int) -> Tensor:
        generator = torch.Generator().manual_seed((self._seed * 1_000_003 + place) % 2**63)
        uniform = torch.rand(size, generator=generator).clamp_(1e-9, 1 - 1e-7)
        return -(-uniform.log()).log()

    def choose_in_order(self, logits: Tensor, typed: bytes, place: int) -> list[Choice]:
        """As `choose`, but the first rows go on with `typed`, each after the one before it."""
        head: list[Choice] = []
        while typed and len(head) < len(logits):
            choice = self.choose_fitting(logits[len(head)], typed, place + len(head))
            head.append(choice)
            typed = typed[len(self._vocabulary.bytes_of(choice.token)) :]
        rest = logits[len(head) :]
        return head + (self.choose(rest, place + len(head)) if len(rest) else [])


def _likeliest(scores: Tensor) -> Tensor:
    """The column of each row's largest score."""
    if scores.device.type == "cpu" and scores.dtype == torch.float32:
        return torch.from_numpy(scores.numpy().argmax(-1))  # ten times as fast as torch's
    return scores.argmax(-1)
