/** Settings that the menu turns on and off. */
import * as vscode from "vscode";

/** Whether suggestions are on for a document's language, by the settings that hold for it. */
export function isOn(document: vscode.TextDocument): boolean {
  return settings(document).get<Languages>("languages", {})[document.languageId] ?? true;
}

/** Turn suggestions for a document's language on or off, in the narrowest settings that speak of it, else the user's. */
export async function turn(document: vscode.TextDocument, on: boolean): Promise<void> {
  const { languageId } = document;
  const kept = settings(document).inspect<Languages>("languages");
  const { WorkspaceFolder, Workspace, Global } = vscode.ConfigurationTarget;
  const places = [
    [WorkspaceFolder, kept?.workspaceFolderValue],
    [Workspace, kept?.workspaceValue],
  ] as const;
  const [target, before] = places.find(([, value]) => value?.[languageId] !== undefined) ?? [Global, kept?.globalValue];
  await settings(document).update("languages", { ...before, [languageId]: on }, target);
}

type Languages = Readonly<Record<string, boolean>>;

function settings(document: vscode.TextDocument): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration("remask", document);
}
