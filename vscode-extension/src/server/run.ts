/** Other commands of `remask`, run where they can be read. */
import * as vscode from "vscode";
import { findCommand, tellMissing } from "./command";

/** Run `remask ARGUMENTS` in a terminal that stays open. */
export async function runInTerminal(context: vscode.ExtensionContext, title: string, ...arguments_: string[]): Promise<void> {
  const found = await findCommand();
  if (found === undefined) {
    await tellMissing(context);
    return;
  }
  const [command = "remask", ...args] = [...found, ...arguments_];
  const task = new vscode.Task(
    { type: "remask" },
    vscode.TaskScope.Global,
    title,
    "remask",
    new vscode.ProcessExecution(command, args), // no shell, so nothing to quote
  );
  task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, clear: true };
  await vscode.tasks.executeTask(task);
}
