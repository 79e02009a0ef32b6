"""What the client can do; every check of its capabilities stands here."""

from __future__ import annotations

from dataclasses import dataclass

from lsprotocol import types as t
from pygls.capabilities import get_capability

from lsp_server.lsp.positions import Encoding


@dataclass(frozen=True, slots=True)
class ClientFeatures:
    """The client's capabilities, as questions that handlers ask. Without knowing better: none."""

    encoding: Encoding = Encoding.UTF_16
    pulls_configuration: bool = False
    """It answers `workspace/configuration`."""
    registers_configuration: bool = False
    """It wants to be asked before it tells about changed settings."""
    work_done_progress: bool = False
    apply_edit: bool = False
    document_changes: bool = False
    """Edits may name the version they are for."""
    edit_metadata: bool = False
    change_annotations: bool = False
    """It can say of each edit what it is for, and show them first."""
    resolves_edits: bool = False
    """It resolves a code action's edit and has no review of its own (capability `experimental.remaskReview`);
    otherwise code actions carry a command."""
    tags_code_actions: bool = False
    denoise: bool = False
    """It wants `remask/denoise` for inline completions (capability `experimental.remaskDenoise`)."""
    doubts: bool = False
    """It underlines what `remask/doubts` tells (capability `experimental.remaskDoubts`)."""
    command_links: bool = False
    """Links of its hovers run our commands (capability `experimental.remaskCommandLinks`)."""
    status: bool = False
    """It shows errors that `didChangeStatus` tells by itself (capability `experimental.remaskStatus`)."""

    @classmethod
    def of(cls, client: t.ClientCapabilities) -> ClientFeatures:
        """Read the capabilities of `initialize`."""

        def has(path: str) -> bool:
            return bool(get_capability(client, path, default=False))

        action = client.text_document.code_action if client.text_document else None
        resolved = action.resolve_support.properties if action and action.resolve_support else ()
        experimental = client.experimental if isinstance(client.experimental, dict) else {}
        return cls(
            encoding=_encoding(client),
            pulls_configuration=has("workspace.configuration"),
            registers_configuration=has("workspace.did_change_configuration.dynamic_registration"),
            work_done_progress=has("window.work_done_progress"),
            apply_edit=has("workspace.apply_edit"),
            document_changes=has("workspace.workspace_edit.document_changes"),
            change_annotations=has("workspace.workspace_edit.change_annotation_support"),
            edit_metadata=has("workspace.workspace_edit.metadata_support"),
            resolves_edits="edit" in resolved
            and has("text_document.code_action.data_support")
            and not experimental.get("remaskReview"),
            tags_code_actions=has("text_document.code_action.tag_support"),
            denoise=bool(experimental.get("remaskDenoise")),
            doubts=bool(experimental.get("remaskDoubts")),
            command_links=bool(experimental.get("remaskCommandLinks")),
            status=bool(experimental.get("remaskStatus")),
        )


def _encoding(client: t.ClientCapabilities) -> Encoding:
    """UTF-16 unless the client offers others only.

    Clients that prefer UTF-8 (Neovim) have plugins that count in UTF-16 whatever
    was agreed, so the client's order of preference decides among the others only.
    """
    offered = (client.general.position_encodings if client.general else None) or ()
    known = [Encoding(each) for each in offered if each in set(Encoding)]
    return Encoding.UTF_16 if Encoding.UTF_16 in known or not known else known[0]
