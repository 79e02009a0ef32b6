/** Asks for what a definition is to become; the server changes all that uses it, and VS Code shows it first. */
import * as vscode from "vscode";
import type { Server } from "../server/server";
import { COMMANDS } from "../wire";

const HOW = "A new name, or new parameters in brackets, as in (item, count, tax)";

/** Change what is defined at the cursor, and all that uses it. */
export async function changeDefinition(server: Server): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) {
    void vscode.window.showInformationMessage("Remask: open a file first.");
    return;
  }
  const { document, selection } = editor;
  const word = document.getWordRangeAtPosition(selection.active);
  const said = (await vscode.window.showInputBox({ prompt: HOW, value: word ? document.getText(word) : "" }))?.trim();
  if (said) {
    const what = said.startsWith("(") ? { signature: said } : { name: said };
    await run(server, COMMANDS.change, { uri: uriOf(server, document), position: selection.active, ...what });
  }
}

/** Fill the marked holes of all open files, as one edit. */
export async function fillHolesInAllFiles(server: Server): Promise<void> {
  await run(server, COMMANDS.fillTogether, {});
}

function uriOf(server: Server, document: vscode.TextDocument): string {
  return server.client?.code2ProtocolConverter.asUri(document.uri) ?? document.uri.toString();
}

async function run(server: Server, command: string, argument: object): Promise<void> {
  try {
    const client = await server.running();
    if (client === undefined) {
      throw new Error("the server does not run");
    }
    await client.sendRequest("workspace/executeCommand", { command, arguments: [argument] });
  } catch (error) {
    void vscode.window.showWarningMessage(`Remask: ${error instanceof Error ? error.message : String(error)}`);
  }
}
