/** Asks the server for the next edit, in the form in which Copilot's language server is asked. */
import * as vscode from "vscode";
import type { Range } from "vscode-languageclient";
import type { Server } from "../server/server";
import { COMMANDS, NEXT_EDIT_METHOD } from "../wire";

interface Answer {
  readonly edits: readonly {
    readonly text: string;
    readonly textDocument: { readonly uri: string; readonly version: number };
    readonly range: Range;
    readonly command: { readonly arguments: readonly [string] };
  }[];
}

export interface NextEdit {
  readonly id: string;
  readonly uri: vscode.Uri;
  /** Of the document that it is for. */
  readonly version: number;
  readonly range: vscode.Range;
  readonly text: string;
}

/** What may be changed next, after the last change of the document. */
export async function nextEdit(
  server: Server,
  document: vscode.TextDocument,
  position: vscode.Position,
  cancelled: vscode.CancellationToken,
): Promise<NextEdit | undefined> {
  const { client } = server;
  if (client === undefined) {
    return undefined;
  }
  const { code2ProtocolConverter: asked, protocol2CodeConverter: told } = client;
  const params = {
    textDocument: { ...asked.asTextDocumentIdentifier(document), version: document.version },
    position: asked.asPosition(position),
  };
  const [edit] = (await client.sendRequest<Answer>(NEXT_EDIT_METHOD, params, cancelled)).edits;
  return (
    edit && {
      id: edit.command.arguments[0],
      uri: told.asUri(edit.textDocument.uri),
      version: edit.textDocument.version,
      range: told.asRange(edit.range),
      text: edit.text,
    }
  );
}

/** Tell the server what became of an edit. */
export async function tell(server: Server, edit: NextEdit, what: "accepted" | "dismissNextEdit"): Promise<void> {
  const params = { command: COMMANDS[what], arguments: [edit.id] };
  await server.client?.sendRequest("workspace/executeCommand", params);
}
