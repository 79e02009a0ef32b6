"""Looking for suspicious code: the commands, the action that asks for it, and the fixes of what is found."""

from __future__ import annotations

from lsprotocol import types as t
from pygls.exceptions import JsonRpcContentModified

from lsp_server.core.types import SILENCE_TEXT, Document, Silence, Span
from lsp_server.lsp.arguments import DismissArguments, SuspectArguments, one
from lsp_server.lsp.commands import DISMISS, SUSPECT
from lsp_server.lsp.convert import workspace_edit
from lsp_server.lsp.errors import request_failed
from lsp_server.lsp.server import RemaskServer
from lsp_server.lsp.suspicion import LOOKING, diagnostic, look

KIND = "source.remask.suspect"


def register(server: RemaskServer) -> None:
    """Register the commands."""
    server.command(SUSPECT)(suspect)
    server.command(DISMISS)(dismiss)


async def suspect(ls: RemaskServer, params: t.ExecuteCommandParams) -> dict[str, int]:
    """Look through a document; how many flags it has then, which are published as diagnostics."""
    document = ls.texts.current(one(params.arguments, SuspectArguments).uri)
    found = await look(ls, document, params.work_done_token)
    if found.silence is Silence.STALE:
        raise JsonRpcContentModified("the text changed, so it was not looked through to its end")
    if found.silence is not None:
        raise request_failed(f"Nobody looked: {SILENCE_TEXT[found.silence]}.")
    return {"found": len(found.flags)}


async def dismiss(ls: RemaskServer, params: t.ExecuteCommandParams) -> bool:
    """Do not show a flag again in this session; false for one that is not there any more."""
    wanted = one(params.arguments, DismissArguments)
    return ls.services.suspicions.dismiss(ls.texts.current(wanted.uri), wanted.id)


def looking(document: Document) -> t.CodeAction:
    """The action that looks through the document."""
    command = t.Command(title=LOOKING, command=SUSPECT, arguments=[{"uri": document.key}])
    return t.CodeAction(title=LOOKING, kind=KIND, command=command)


def fixes(server: RemaskServer, document: Document, span: Span) -> list[t.CodeAction]:
    """Putting the alternative of each flag at `span` there, or ignoring the flag."""
    lines, offered = server.texts.lines(document), []
    for each in server.services.suspicions.at(document.key, span):
        about = [diagnostic(server, document, each)]
        given = {"uri": document.key, "id": each.id}
        edit = workspace_edit(document, lines, [each.flag.edit], server.client)
        title = f"Replace with `{' '.join(each.flag.alternative.split())}`"
        ignore = t.Command(title="Ignore this", command=DISMISS, arguments=[given])
        kind = t.CodeActionKind.QuickFix
        offered.append(t.CodeAction(title=title, kind=kind, diagnostics=about, edit=edit))
        offered.append(t.CodeAction(title=ignore.title, kind=kind, diagnostics=about, command=ignore))
    return offered
