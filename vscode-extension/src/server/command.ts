/** The command that starts `remask`, from settings and the machine; and what is said when there is none. */
import { statSync } from "node:fs";
import { homedir } from "node:os";
import * as vscode from "vscode";
import { locate } from "./locate";

const PYTHON_EXTENSION = "ms-python.python";

interface PythonApi {
  readonly environments?: { getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string } };
}

/** The program and its first arguments; undefined if it is nowhere. */
export async function findCommand(): Promise<readonly string[] | undefined> {
  return locate({
    setting: vscode.workspace.getConfiguration("remask").get<string | string[]>("command", []),
    interpreter: await activeInterpreter(),
    home: homedir(),
    searched: process.env["PATH"] ?? "",
    windows: process.platform === "win32",
    exists: isFile,
  });
}

/** Say that there is no `remask`, and help. */
export async function tellMissing(context: vscode.ExtensionContext): Promise<void> {
  const set = vscode.workspace.getConfiguration("remask").get<string | string[]>("command", []);
  const where = set.length > 0 ? "where the setting remask.command says" : "in the Python environment or on the PATH";
  const choose = "Choose…";
  const show = "Show How to Install";
  const answer = await vscode.window.showErrorMessage(`Remask: there is no \`remask\` command ${where}.`, choose, show);
  if (answer === choose) {
    await chooseCommand();
  } else if (answer === show) {
    await vscode.commands.executeCommand("markdown.showPreview", vscode.Uri.joinPath(context.extensionUri, "README.md"));
  }
}

async function chooseCommand(): Promise<void> {
  const chosen = await vscode.window.showOpenDialog({ title: "Where is the remask command?", openLabel: "Use" });
  const file = chosen?.[0];
  if (file) {
    const settings = vscode.workspace.getConfiguration("remask");
    await settings.update("command", [file.fsPath], vscode.ConfigurationTarget.Global);
  }
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
