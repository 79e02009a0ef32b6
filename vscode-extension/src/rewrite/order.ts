/** One rewrite: what is asked of the server, and its answer. */
import * as vscode from "vscode";
import { ProgressType, ResponseError, type WorkDoneProgressReport, type WorkspaceEdit } from "vscode-languageclient";
import type { LanguageClient } from "vscode-languageclient/node";

export interface Order {
  /** Shown while the work lasts. */
  readonly title: string;
  /** The server's command. */
  readonly command: string;
  readonly document: vscode.TextDocument;
  /** Without a range the whole document. */
  readonly range?: vscode.Range;
  readonly instruction?: string;
  readonly strength?: number;
  /** 0: the likeliest rewrite; others draw another one. */
  readonly seed: number;
}

const FAILED = -32803; // RequestFailed: nothing came of it, and the message says why
const MODIFIED = -32801;
const INVALID = -32602; // what was asked for makes no sense, as an empty selection
const CANCELLED = -32800;
const PROGRESS = new ProgressType<WorkDoneProgressReport>();
let orders = 0;

/** Have it done, with progress that can be cancelled; undefined if it was, or came to nothing and that was said. */
export async function carryOut(client: LanguageClient, order: Order): Promise<vscode.TextEdit[] | undefined> {
  const options = { location: vscode.ProgressLocation.Notification, title: order.title, cancellable: true };
  try {
    return await vscode.window.withProgress(options, (progress, cancel) => ask(client, order, progress, cancel));
  } catch (error) {
    tell(error);
    return undefined;
  }
}

async function ask(
  client: LanguageClient,
  order: Order,
  progress: vscode.Progress<{ message?: string }>,
  cancel: vscode.CancellationToken,
): Promise<vscode.TextEdit[]> {
  const { document, range, instruction, strength, seed } = order;
  const workDoneToken = `remask-rewrite-${(orders += 1)}`;
  const place = {
    uri: client.code2ProtocolConverter.asUri(document.uri),
    version: document.version,
    ...(range && { range: client.code2ProtocolConverter.asRange(range) }),
  };
  const argument = { ...place, instruction, strength, seed, apply: false };
  const shown = client.onProgress(PROGRESS, workDoneToken, (report) => {
    if (report.message) {
      progress.report({ message: report.message });
    }
  });
  try {
    const params = { command: order.command, arguments: [argument], workDoneToken };
    const answer = await client.sendRequest<{ edit?: WorkspaceEdit }>("workspace/executeCommand", params, cancel);
    const edit = await client.protocol2CodeConverter.asWorkspaceEdit(answer.edit);
    return edit?.get(document.uri) ?? [];
  } finally {
    shown.dispose();
  }
}

function tell(error: unknown): void {
  if (!(error instanceof ResponseError)) {
    if (!(error instanceof vscode.CancellationError)) {
      void vscode.window.showErrorMessage(`Remask: ${String(error)}`);
    }
  } else if (error.code === FAILED || error.code === INVALID) {
    void vscode.window.showInformationMessage(`Remask: ${error.message}`);
  } else if (error.code === MODIFIED) {
    void vscode.window.showInformationMessage("Remask: the text changed meanwhile, so nothing was rewritten.");
  } else if (error.code !== CANCELLED) {
    void vscode.window.showErrorMessage(`Remask: ${error.message}`);
  }
}
