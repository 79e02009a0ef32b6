/** What VS Code calls: puts the parts together. The server decides, the parts ask and show. */
import * as vscode from "vscode";
import { REWRITES, reviewing } from "./rewrite/commands";
import { Inline } from "./rewrite/inline";
import { Underlines } from "./confidence/underlines";
import { runInTerminal } from "./server/run";
import { Server } from "./server/server";
import { StatusBar } from "./status/bar";
import { showMenu } from "./status/menu";

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel("Remask", { log: true });
  const started = new Server(context, output);
  const bar = new StatusBar("remask.showMenu");
  const inline = new Inline(started);
  server = started;
  const commands: Record<string, (index?: number) => unknown> = {
    "remask.showMenu": () => showMenu(started, bar.latest),
    "remask.restart": () => started.restart(),
    "remask.openLog": () => output.show(),
    "remask.openSettings": () => vscode.commands.executeCommand("workbench.action.openSettings", "@ext:remask.remask"),
    "remask.doctor": () => runInTerminal(context, "Remask: doctor", "doctor"),
    "remask.pullModel": () => runInTerminal(context, "Remask: fetch the model", "pull", ...chosenModel()),
  };
  context.subscriptions.push(
    output,
    started,
    bar,
    new Underlines(started),
    inline,
    started.onStatus((status) => bar.show(status)),
    ...Object.entries({ ...commands, ...reviewing(inline) }).map(([id, run]) => vscode.commands.registerCommand(id, run)),
    ...Object.entries(REWRITES).map(([id, run]) => vscode.commands.registerCommand(id, () => withEditor(inline, run))),
    vscode.workspace.onDidGrantWorkspaceTrust(() => started.restart()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("remask.command")) {
        void started.restart();
      }
    }),
  );
  await started.restart();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}

async function withEditor(inline: Inline, run: (typeof REWRITES)[string]): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) {
    void vscode.window.showInformationMessage("Remask: open a file first.");
  } else {
    await run(inline, editor);
  }
}

function chosenModel(): string[] {
  const model = vscode.workspace.getConfiguration("remask").get<string>("model");
  return model ? [model] : [];
}
