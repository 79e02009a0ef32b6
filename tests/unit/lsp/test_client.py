from __future__ import annotations

from typing import Any

import pytest
from lsprotocol import types as t

from lsp_server.lsp.client import ClientFeatures
from lsp_server.lsp.converter import strict_converter
from lsp_server.lsp.positions import Encoding

CONVERTER = strict_converter()


def features(raw: dict[str, Any]) -> ClientFeatures:
    return ClientFeatures.of(CONVERTER.structure(raw, t.ClientCapabilities))


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (None, "utf-16"),
        ([], "utf-16"),
        (["utf-16"], "utf-16"),
        (["utf-8", "utf-16", "utf-32"], "utf-16"),
        (["utf-8"], "utf-8"),
        (["utf-8", "utf-32"], "utf-8"),
        (["utf-32", "utf-8"], "utf-32"),
        (["utf-7"], "utf-16"),
        (["utf-7", "utf-8"], "utf-8"),
    ],
)
def test_utf_16_is_chosen_wherever_it_is_offered(offered: list[str] | None, chosen: str) -> None:
    """UTF-16 wins over the client's order; a client without it gets the first we know."""
    raw = {} if offered is None else {"general": {"positionEncodings": offered}}
    assert features(raw).encoding is Encoding(chosen)


def test_a_client_without_capabilities_has_none() -> None:
    """Every feature is off unless it is announced."""
    assert features({}) == ClientFeatures()


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ({"workspace": {"configuration": True}}, "pulls_configuration"),
        ({"workspace": {"didChangeConfiguration": {"dynamicRegistration": True}}}, "registers_configuration"),
        ({"experimental": {"remaskDoubts": True}}, "doubts"),
        ({"experimental": {"remaskCommandLinks": True}}, "command_links"),
        ({"window": {"workDoneProgress": True}}, "work_done_progress"),
        ({"workspace": {"applyEdit": True}}, "apply_edit"),
        ({"workspace": {"workspaceEdit": {"documentChanges": True}}}, "document_changes"),
        ({"workspace": {"workspaceEdit": {"metadataSupport": True}}}, "edit_metadata"),
        (
            {
                "textDocument": {
                    "codeAction": {"dataSupport": True, "resolveSupport": {"properties": ["edit"]}}
                }
            },
            "resolves_edits",
        ),
        ({"textDocument": {"codeAction": {"tagSupport": {"valueSet": [1]}}}}, "tags_code_actions"),
        ({"experimental": {"remaskDenoise": True}}, "denoise"),
    ],
)
def test_each_capability_turns_on_one_feature(raw: dict[str, Any], name: str) -> None:
    """A capability switches exactly its own feature."""
    on = {field for field in ClientFeatures.__slots__ if getattr(features(raw), field) is True}
    assert on == {name}


def test_a_client_with_a_review_gets_commands() -> None:
    """An edit that is resolved would land without it."""
    action = {"dataSupport": True, "resolveSupport": {"properties": ["edit"]}}
    raw = {"textDocument": {"codeAction": action}, "experimental": {"remaskReview": True}}
    assert not features(raw).resolves_edits


@pytest.mark.parametrize(
    "action",
    [
        {"dataSupport": True},
        {"resolveSupport": {"properties": ["edit"]}},
        {"dataSupport": True, "resolveSupport": {"properties": ["command"]}},
    ],
)
def test_half_of_resolving_is_not_resolving(action: dict[str, Any]) -> None:
    """Resolving needs the data kept and the edit resolved."""
    assert not features({"textDocument": {"codeAction": action}}).resolves_edits
