/** Settings that the menu turns on and off. */
import * as vscode from "vscode";

/** Whether suggestions are on for a language id. */
export function isOn(language: string): boolean {
  return languages().get<Record<string, boolean>>("languages", {})[language] ?? true;
}

/** Turn suggestions for a language on or off, where the user keeps that setting. */
export async function turn(language: string, on: boolean): Promise<void> {
  const kept = languages().inspect<Record<string, boolean>>("languages");
  const here = kept?.workspaceValue?.[language] !== undefined;
  const target = here ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  const before = here ? kept?.workspaceValue : kept?.globalValue;
  await languages().update("languages", { ...before, [language]: on }, target);
}

function languages(): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration("remask");
}
