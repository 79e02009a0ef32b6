/** Other commands of `remask`, run where they can be read. */
import * as vscode from "vscode";
import type { Environment } from "../setup/environment";
import { findCommand } from "./command";
import { home } from "./serving";

/** Run `remask ARGUMENTS` in a terminal that stays open; false if there is no `remask`. */
export async function runInTerminal(own: Environment, title: string, ...arguments_: string[]): Promise<boolean> {
  const found = await findCommand(own);
  if (found === undefined) {
    return false;
  }
  const [command = "remask", ...args] = [...found, ...arguments_];
  const folder = home();
  const task = new vscode.Task(
    { type: "remask" },
    vscode.TaskScope.Global,
    title,
    "remask",
    new vscode.ProcessExecution(command, args, folder === undefined ? {} : { cwd: folder }), // no shell, so nothing to quote
  );
  task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, clear: true };
  await vscode.tasks.executeTask(task);
  return true;
}
