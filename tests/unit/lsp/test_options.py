from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core.settings import DEFAULT_MODEL, Settings
from lsp_server.lsp.options import _LIMITS, overlaid, parse_options, section_of

json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from(
    [
        "enable",
        "languages",
        "model",
        "completion",
        "maxLines",
        "budgetMs",
        "engine",
        "device",
        "rewrite",
        "strength",
    ]
)


def parsed(raw: Mapping[str, Any]) -> tuple[Settings, list[str]]:
    warnings: list[str] = []
    return parse_options(raw, warnings.append), warnings


def test_nothing_gives_the_defaults() -> None:
    """No options are all the defaults, without a warning."""
    assert parsed({}) == (Settings(), [])


def test_every_group_is_read_in_camel_case() -> None:
    """Each kind of value finds its field."""
    settings, warnings = parsed(
        {
            "enable": False,
            "languages": {"markdown": False},
            "model": "other",
            "completion": {"multiLine": "never", "maxLines": 3, "minConfidence": 0},
            "context": {"crossFile": False, "prefixTokens": 100},
            "rewrite": {"strength": 0.5},
            "engine": {"idleMinutes": 1, "device": "cpu", "decode": "left-to-right"},
        }
    )
    assert warnings == []
    assert not settings.enable
    assert settings.languages == {"markdown": False}
    assert settings.model == "other"
    assert (settings.completion.multi_line, settings.completion.max_lines) == ("never", 3)
    assert settings.completion.min_confidence == 0
    assert (settings.context.cross_file, settings.context.prefix_tokens) == (False, 100)
    assert settings.rewrite.strength == 0.5
    assert (settings.engine.idle_minutes, settings.engine.device) == (1, "cpu")
    assert settings.engine.decode == "left-to-right"


@pytest.mark.parametrize(
    ("raw", "named"),
    [
        ({"enabled": True}, "remask.enabled"),
        ({"completion": {"max_lines": 3}}, "remask.completion.max_lines"),
        ({"enable": "yes"}, "remask.enable"),
        ({"enable": 1}, "remask.enable"),
        ({"languages": ["python"]}, "remask.languages"),
        ({"languages": {"python": "off"}}, "remask.languages"),
        ({"completion": []}, "remask.completion"),
        ({"completion": {"maxLines": 0}}, "remask.completion.maxLines"),
        ({"completion": {"maxLines": 2.5}}, "remask.completion.maxLines"),
        ({"completion": {"maxLines": True}}, "remask.completion.maxLines"),
        ({"completion": {"multiLine": "sometimes"}}, "remask.completion.multiLine"),
        ({"completion": {"minConfidence": 2}}, "remask.completion.minConfidence"),
        ({"engine": {"threads": -1}}, "remask.engine.threads"),
        ({"engine": {"precision": None, "device": 3}}, "remask.engine.device"),
        ({"model": 5}, "remask.model"),
    ],
)
def test_bad_values_warn_and_fall_back(raw: dict[str, Any], named: str) -> None:
    """What makes no sense is named in one warning and changes nothing."""
    settings, warnings = parsed(raw)
    assert settings == Settings()
    assert [named in warning for warning in warnings] == [True]


def test_one_bad_value_leaves_its_neighbours() -> None:
    """Only the bad value itself is ignored."""
    settings, warnings = parsed({"model": 5, "completion": {"maxLines": -1, "maxTokens": 9}, "enable": False})
    assert (settings.model, settings.completion.max_tokens, settings.enable) == (DEFAULT_MODEL, 9, False)
    assert len(warnings) == 2


def test_the_editors_own_groups_are_passed_over() -> None:
    """What clients keep in the same section is no mistake."""
    assert parsed({"trace": {"server": "off"}, "server": {"path": "x"}}) == (Settings(), [])


@given(st.dictionaries(keys | st.text(max_size=8), json, max_size=5))
def test_any_json_gives_settings(raw: dict[str, Any]) -> None:
    """Nothing a client may send raises."""
    assert isinstance(parsed(raw)[0], Settings)


@given(json)
def test_any_json_gives_a_section(raw: object) -> None:
    """Whatever is sent as settings, there is an object to read."""
    assert isinstance(section_of(raw), dict)


@pytest.mark.parametrize(
    ("raw", "section"),
    [
        ({"remask": {"enable": False}}, {"enable": False}),
        ({"enable": False}, {"enable": False}),
        ({"remask": None}, {}),
        ({"remask": 3}, {}),
        (None, {}),
        ([], {}),
    ],
)
def test_the_section_may_be_wrapped(raw: object, section: dict[str, Any]) -> None:
    """Editors send the section's content with or without its name around it."""
    assert section_of(raw) == section


def test_layers_merge_group_by_group() -> None:
    """A later layer replaces single values; its nulls replace nothing."""
    merged = overlaid(
        {"enable": True, "completion": {"maxLines": 1, "maxTokens": 2}},
        {"completion": {"maxLines": 3}, "model": "m"},
        {"enable": None, "completion": {"maxTokens": None}, "model": {"odd": 1}},
    )
    assert merged == {"enable": True, "completion": {"maxLines": 3, "maxTokens": 2}, "model": {"odd": 1}}


def test_every_default_is_within_its_limits() -> None:
    """Each limit names a setting that exists and admits its default."""

    def walk(group: object, path: str = "") -> dict[str, Any]:
        found: dict[str, Any] = {}
        for each in fields(group):  # type: ignore[arg-type]
            name = "".join(part.title() if at else part for at, part in enumerate(each.name.split("_")))
            value = getattr(group, each.name)
            found |= walk(value, f"{path}{name}.") if is_dataclass(value) else {f"{path}{name}": value}
        return found

    defaults = walk(Settings())
    assert all(low <= defaults[path] <= high for path, (low, high) in _LIMITS.items())
