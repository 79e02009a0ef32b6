/** The command that starts `remask`, from settings and the machine. */
import { statSync } from "node:fs";
import { homedir } from "node:os";
import * as vscode from "vscode";
import type { Environment } from "../setup/environment";
import { locate } from "./locate";

const PYTHON_EXTENSION = "ms-python.python";

interface PythonApi {
  readonly environments?: { getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string } };
}

/** The program and its first arguments; undefined if it is nowhere. */
export async function findCommand(own: Environment): Promise<readonly [string, ...string[]] | undefined> {
  const [program, ...args] =
    locate({
      setting: setting(),
      own: own.command,
      interpreter: await activeInterpreter(),
      home: homedir(),
      searched: process.env["PATH"] ?? "",
      windows: process.platform === "win32",
      exists: isFile,
    }) ?? [];
  return program === undefined ? undefined : [program, ...args];
}

/** Whether the user says where `remask` is. */
export function isSet(): boolean {
  return setting().length > 0;
}

/** Have the user say where it is. */
export async function chooseCommand(): Promise<void> {
  const chosen = await vscode.window.showOpenDialog({ title: "Where is the remask command?", openLabel: "Use" });
  const file = chosen?.[0];
  if (file) {
    const settings = vscode.workspace.getConfiguration("remask");
    await settings.update("command", [file.fsPath], vscode.ConfigurationTarget.Global);
  }
}

function setting(): string | string[] {
  return vscode.workspace.getConfiguration("remask").get<string | string[]>("command", []);
}

/** A workspace that is not trusted must not choose what is run, and its interpreter may lie in it. */
async function activeInterpreter(): Promise<string | undefined> {
  const python = vscode.extensions.getExtension<PythonApi>(PYTHON_EXTENSION);
  if (!python || !vscode.workspace.isTrusted) {
    return undefined;
  }
  try {
    const api = await python.activate();
    return api.environments?.getActiveEnvironmentPath(vscode.workspace.workspaceFolders?.[0]?.uri).path;
  } catch {
    return undefined; // somebody else's extension that does not start must not keep ours from it
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
