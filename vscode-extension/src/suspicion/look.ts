/** Asks the server to look for suspicious code; it publishes what it finds as hints, with fixes. */
import * as vscode from "vscode";
import type { Server } from "../server/server";
import { unreached } from "../status/reach";
import { COMMANDS } from "../wire";

/** Look through the active editor's document and show the places, which hints alone would hardly do. */
export async function look(server: Server): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const client = await server.running();
  const why = client ? (editor ? unreached() : "open a file first") : "the server does not run";
  if (editor === undefined || client === undefined || why !== undefined) {
    void vscode.window.showInformationMessage(`Remask: ${why}.`);
    return;
  }
  const { uri } = editor.document;
  const params = { command: COMMANDS.suspect, arguments: [{ uri: client.code2ProtocolConverter.asUri(uri) }] };
  try {
    await client.sendRequest("workspace/executeCommand", params);
  } catch (error) {
    void vscode.window.showWarningMessage(`Remask: ${error instanceof Error ? error.message : String(error)}`);
    return;
  }
  const found = vscode.languages.getDiagnostics(uri).filter(isSuspicion);
  if (found.length === 0) {
    void vscode.window.showInformationMessage("Remask: nothing looks suspicious here.");
    return;
  }
  const places = found.map(({ message, range }) => ({ label: message, description: `line ${range.start.line + 1}`, range }));
  const chosen = await vscode.window.showQuickPick(places, { title: "Remask: suspicious code", placeHolder: "Go to" });
  if (chosen !== undefined) {
    await vscode.window.showTextDocument(editor.document, { selection: chosen.range });
  }
}

function isSuspicion({ source, code }: vscode.Diagnostic): boolean {
  return source === "Remask" && code === "suspicion";
}
