/** What VS Code calls: puts the parts together. The server decides, the parts ask and show. */
import * as vscode from "vscode";
import { REWRITES, reviewAction, reviewing } from "./rewrite/commands";
import { Inline } from "./rewrite/inline";
import { acceptPart } from "./confidence/accept";
import { Underlines } from "./confidence/underlines";
import { NextEdits } from "./nextEdit/nextEdit";
import { runInTerminal } from "./server/run";
import { Server } from "./server/server";
import { Environment, wheelIn } from "./setup/environment";
import { tryExample } from "./setup/examples";
import { SetUp } from "./setup/setUp";
import { StatusBar } from "./status/bar";
import { showMenu } from "./status/menu";
import { COPY, unreached } from "./status/reach";
import { look } from "./suspicion/look";
import { changeDefinition, fillHolesInAllFiles } from "./consequences/change";

const WALKTHROUGH = "remask.remask#remask.start";
let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel("Remask", { log: true });
  const own = new Environment(vscode.Uri.joinPath(context.globalStorageUri, "environment").fsPath);
  const started = new Server(own, output);
  const wheel = wheelIn(vscode.Uri.joinPath(context.extensionUri, "dist", "wheel").fsPath);
  const setUp = new SetUp(started, own, vscode.Uri.joinPath(context.globalStorageUri, "setup.log"), output, wheel);
  const bar = new StatusBar("remask.showMenu");
  const inline = new Inline(started);
  const nextEdits = new NextEdits(started);
  server = started;
  started.review = (command, args) => reviewAction(started, inline, command, args);
  const commands: Record<string, (index?: number) => unknown> = {
    "remask.showMenu": () => showMenu(started, bar.latest),
    "remask.lookForSuspiciousCode": () => look(started),
    "remask.changeDefinition": () => changeDefinition(started),
    "remask.fillHolesInAllFiles": () => fillHolesInAllFiles(started),
    "remask.acceptWord": () => acceptPart("word"),
    "remask.acceptLine": () => acceptPart("line"),
    "remask.acceptNextEdit": () => nextEdits.accept(),
    "remask.hideNextEdit": () => nextEdits.dismiss(),
    "remask.restart": () => started.restart(),
    "remask.openLog": () => output.show(),
    "remask.openSettings": () => vscode.commands.executeCommand("workbench.action.openSettings", "@ext:remask.remask"),
    "remask.doctor": async () => (await runInTerminal(own, "Remask: doctor", "doctor")) || setUp.missing(),
    "remask.setUp": () => setUp.run(),
    "remask.pullModel": () => setUp.pullModel(),
    "remask.pickModel": () => setUp.pickModel(),
    "remask.tryExample": tryExample,
    "remask.openWalkthrough": () => vscode.commands.executeCommand("workbench.action.openWalkthrough", WALKTHROUGH),
  };
  context.subscriptions.push(
    output,
    started,
    bar,
    new Underlines(started),
    inline,
    nextEdits,
    started.onStatus((status) => {
      bar.show(status);
      void setUp.told(status);
    }),
    started.onMissing(() => void setUp.missing()),
    ...Object.entries({ ...commands, ...reviewing(inline) }).map(([id, run]) => vscode.commands.registerCommand(id, run)),
    ...Object.entries(REWRITES).map(([id, run]) => vscode.commands.registerCommand(id, () => withEditor(inline, run))),
    vscode.workspace.onDidChangeWorkspaceFolders(() => started.follow()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => started.restart()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("remask.command")) {
        void started.restart();
      }
    }),
  );
  await started.restart();
  void setUp.outdated();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}

async function withEditor(inline: Inline, run: (typeof REWRITES)[string]): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const why = editor ? unreached() : "open a file first";
  if (editor === undefined || why !== undefined) {
    void vscode.window.showInformationMessage(`Remask: ${why}.`);
  } else if (editor.document.uri.scheme === COPY) {
    void vscode.window.showInformationMessage("Remask: decide about this rewrite first.");
  } else {
    await run(inline, editor);
  }
}
