/** What a click on the status bar item offers. */
import * as vscode from "vscode";
import type { Server } from "../server/server";
import { COMMANDS, words, type Status } from "../wire";
import { isOn, turn } from "./switches";

interface Choice extends vscode.QuickPickItem {
  readonly run?: () => unknown;
  /** Go on typing afterwards. */
  readonly stay?: boolean;
}

/** Show the menu under the latest status, and do what is chosen. */
export async function showMenu(server: Server, status: Status): Promise<void> {
  const choices = [...snoozing(server, status), ...switching(), ...helping()];
  const title = `Remask: ${words(status) || "ready"}`;
  const chosen = await vscode.window.showQuickPick(choices, { title, placeHolder: "What shall Remask do?" });
  await chosen?.run?.();
  if (chosen?.stay) {
    await vscode.commands.executeCommand("workbench.action.focusActiveEditorGroup"); // the click took the focus
  }
}

function snoozing(server: Server, status: Status): Choice[] {
  const snooze = (minutes: number) => () =>
    server.client?.sendRequest("workspace/executeCommand", { command: COMMANDS.snooze, arguments: [minutes] });
  if (server.client === undefined) {
    return [];
  }
  if (status.silence === "snoozed") {
    return [{ label: "$(bell) Resume suggestions", run: snooze(0), stay: true }];
  }
  return [
    { label: "$(bell-slash) Snooze for 10 minutes", run: snooze(10), stay: true },
    { label: "$(bell-slash) Snooze for 1 hour", run: snooze(60), stay: true },
  ];
}

function switching(): Choice[] {
  const document = vscode.window.activeTextEditor?.document;
  if (document === undefined) {
    return [];
  }
  const on = isOn(document);
  const { languageId: language } = document;
  const label = on ? `$(circle-slash) Turn off for ${language}` : `$(check) Turn on for ${language}`;
  return [{ label, run: () => turn(document, !on), stay: true }];
}

function helping(): Choice[] {
  const command = (label: string, id: string): Choice => ({ label, run: () => vscode.commands.executeCommand(id) });
  return [
    { label: "", kind: vscode.QuickPickItemKind.Separator },
    command("$(eye) Look for suspicious code", "remask.lookForSuspiciousCode"),
    command("$(refresh) Restart", "remask.restart"),
    command("$(output) Open log", "remask.openLog"),
    command("$(pulse) Doctor: what is wrong?", "remask.doctor"),
    command("$(tools) Set up", "remask.setUp"),
    command("$(cloud-download) Pull model", "remask.pullModel"),
    command("$(symbol-misc) Pick model…", "remask.pickModel"),
    command("$(book) How to use it", "remask.openWalkthrough"),
    command("$(gear) Settings", "remask.openSettings"),
  ];
}
