"""DiffusionGemma: no mask but random tokens, transformers' own network, its decode written anew."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers
from torch.nn import functional

from lsp_server.core.cancel import CancelToken
from lsp_server.core.settings import EngineSettings
from lsp_server.core.types import Span
from lsp_server.engine.protocol import FillRequest, Hole, Stop
from lsp_server.engine.runtime.families.family import Around, Surroundings
from lsp_server.engine.runtime.whole.load import load_folder
from lsp_server.engine.runtime.whole.uniform.denoise import accepted

CANVAS = 8
TEXT = "area = math\nfor item in items:\n"
AT = TEXT.index("math")


def _tokenizer() -> Tokenizer:
    """SentencePiece's pieces as Gemma has them: characters, a space's stand-in, and bytes by number."""
    words = ["<pad>", "<eos>", "<bos>", *(f"<0x{byte:02X}>" for byte in range(256)), "▁"]
    words += sorted(set("abcdefghijklmnopqrstuvwxyz0123456789=:().<>`ADEFHILRTWY,"))
    tokenizer = Tokenizer(
        models.BPE({word: number for number, word in enumerate(words)}, [], byte_fallback=True)
    )
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    tokenizer.add_special_tokens([AddedToken(name, special=True) for name in words[:3]])
    tokenizer.add_special_tokens([AddedToken(name, special=True) for name in ("<|turn>", "<turn|>")])
    return tokenizer


def _write(folder: Path) -> Path:
    """A tiny checkpoint, in random weights, by transformers' own code."""
    from transformers import DiffusionGemmaConfig, DiffusionGemmaForBlockDiffusion

    tokenizer = _tokenizer()
    text = {
        "vocab_size": tokenizer.get_vocab_size(),
        "hidden_size": 64,
        "intermediate_size": 96,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "global_head_dim": 16,
        "sliding_window": 64,
        "layer_types": ["sliding_attention", "full_attention"],
        "num_experts": 4,
        "top_k_experts": 2,
        "moe_intermediate_size": 32,
    }
    vision = {
        "model_type": "gemma4_vision",
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "head_dim": 8,
    }
    config = DiffusionGemmaConfig(text_config=text, vision_config=vision, canvas_length=CANVAS)
    torch.manual_seed(0)
    DiffusionGemmaForBlockDiffusion(config).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _write(tmp_path_factory.mktemp("gemma"))


@pytest.fixture
def filler(folder: Path) -> Any:  # noqa: ANN401
    settings = EngineSettings(precision="fp32", device="cpu", threads=1)
    return load_folder(folder, "gemma", lambda *_: None, settings=settings)


def _fill(filler: Any, *holes: Hole, **fields: Any) -> Any:  # noqa: ANN401
    request = FillRequest(TEXT, holes or (Hole(AT, AT + 4, max_tokens=12),), **fields)
    return filler.fill(request, cancel=CancelToken())


def test_logits_are_those_of_the_whole_model(filler: Any) -> None:  # noqa: ANN401
    """What was read in parts and then seen by the canvas equals one call of transformers' own forward."""
    prompt, canvas = list(range(10, 60)), list(range(100, 100 + CANVAS))
    sight, _ = filler.look(Around(prompt[:40], []), filler.family.facts, CancelToken())
    sight.keep(prompt[40:])
    with torch.inference_mode():
        first = filler.look.module(
            input_ids=torch.tensor([prompt]), decoder_input_ids=torch.tensor([canvas])
        ).logits[0]
        torch.testing.assert_close(sight.logits(canvas), first, rtol=1e-4, atol=1e-4)
        sight.thought(first)
        told = filler.look.module(
            input_ids=torch.tensor([prompt]),
            decoder_input_ids=torch.tensor([canvas]),
            self_conditioning_logits=first[None],
        ).logits[0]
        torch.testing.assert_close(sight.logits(canvas), told, rtol=1e-4, atol=1e-4)
    assert not torch.allclose(first, told)


def test_accepted_are_those_of_transformers() -> None:
    """The entropy bound accepts what transformers' own sampler does."""
    from transformers.models.diffusion_gemma.generation_diffusion_gemma import (
        EntropyBoundSampler,
        EntropyBoundSamplerConfig,
    )

    generator = torch.Generator().manual_seed(1)
    for bound in (0.1, 1.0, 5.0):
        logits = torch.randn((1, 12, 9), generator=generator) * 4
        sampler = EntropyBoundSampler(EntropyBoundSamplerConfig(bound), 12, 9, 48)
        sampler.accept_canvas(torch.zeros(1, 12).long(), torch.ones(1, 12).long(), logits, 1)
        entropy = torch.distributions.Categorical(logits=logits[0]).entropy()
        assert accepted(entropy, bound).tolist() == sampler.accepted_token_mask[0].tolist()


def test_pieces_are_bytes(filler: Any) -> None:  # noqa: ANN401
    """Spaces, line breaks and characters without a piece of their own survive the round trip."""
    vocabulary = filler.family.vocabulary
    text = "area = é\n\t🙂  x"
    assert vocabulary.decode(vocabulary.encode(text)) == text


def test_a_hole_is_filled(filler: Any) -> None:  # noqa: ANN401
    """A fill has probabilities, is no longer than asked for, and the same seed gives the same one."""
    result = _fill(filler)
    (fill,) = result.candidates[0].fills
    assert len(fill.pieces) <= 12
    assert result.figures.forwards > 0
    assert _fill(filler).candidates == result.candidates


def test_what_was_typed_survives(filler: Any) -> None:  # noqa: ANN401
    """The characters of a lock at the hole's start are never drawn anew."""
    lock = Span(AT, AT + 2)
    result = _fill(filler, Hole(AT, AT + 4, locks=(lock,), max_tokens=12))
    assert result.candidates[0].fills[0].text.startswith("ma")


def test_strength_keeps_what_is_likely(filler: Any) -> None:  # noqa: ANN401
    """Without strength nothing changes; half of it leaves the fill whole."""
    assert _fill(filler, Hole(AT, AT + 4, strength=0.0)).candidates[0].fills[0].text == "math"
    fill = _fill(filler, Hole(AT, AT + 4, strength=0.5)).candidates[0].fills[0]
    assert fill.stop is Stop.END


def test_frames_and_words(filler: Any) -> None:  # noqa: ANN401
    """An instruction is answered, and frames show the canvas on its way."""
    frames: list[Any] = []
    request = FillRequest(TEXT, (Hole(0, 12, max_tokens=8),), instruction="Rename.", frames=True)
    filler.fill(request, cancel=CancelToken(), on_frame=frames.append)
    assert len(frames) > 2


def test_learnt(filler: Any) -> None:  # noqa: ANN401
    """Taught on noise, the decode writes on: letters that go round, after the prompt's last one."""
    letters, module = "abcdefghij", filler.look.module
    encode, end = filler.family.vocabulary.encode, min(filler.family.ends)
    rng = random.Random(0)
    optimiser = torch.optim.AdamW(module.parameters(), lr=3e-3)
    size = filler.family.vocabulary.size
    module.train()
    for _ in range(250):
        prompts, canvases, clean = [], [], []
        share = rng.random()
        for _ in range(16):
            start = rng.randrange(10)
            word = "".join(letters[(start + place) % 10] for place in range(6 + 4))
            prompts.append(encode(word[:6]))
            target = encode(word[6:]) + [end] * (CANVAS - 4)
            clean.append(target)
            canvases.append([rng.randrange(size) if rng.random() < share else token for token in target])
        logits = module(input_ids=torch.tensor(prompts), decoder_input_ids=torch.tensor(canvases)).logits
        loss = functional.cross_entropy(logits.flatten(0, 1), torch.tensor(clean).flatten())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    module.eval()
    filler.family = _plain(filler)
    wrong = 0
    for start in range(10):
        word = "".join(letters[(start + place) % 10] for place in range(10))
        # a digit before the hole, so that no half-typed word is taken into it
        request = FillRequest(word[:6], (Hole(6, 6, locks=(Span(6, 6),), max_tokens=8),))
        wrong += filler.fill(request, cancel=CancelToken()).candidates[0].fills[0].text != word[6:]
    assert wrong <= 1


def _plain(filler: Any) -> Any:  # noqa: ANN401
    """The family with its prompt left out: the text itself is the context."""
    from dataclasses import replace

    encode: Callable[[str], list[int]] = filler.family.vocabulary.encode

    class Plain:
        def fill(self, around: Surroundings) -> Around:
            return Around(encode(around.prefix), [])

    return replace(filler.family, layout=Plain())


def test_other_folders_are_refused(tmp_path: Path) -> None:
    """Weights that are not there end in a message of ours."""
    from lsp_server.core.errors import ModelCorrupt

    (tmp_path / "config.json").write_text(json.dumps({"model_type": "diffusion_gemma"}))
    with pytest.raises(ModelCorrupt):
        load_folder(tmp_path, "x", lambda *_: None, settings=EngineSettings(device="cpu"))
