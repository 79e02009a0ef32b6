/** One rewrite: what is asked of the server, and its answer. */
import * as vscode from "vscode";
import { ProgressType, ResponseError, TextDocumentEdit, type WorkDoneProgressReport, type WorkspaceEdit } from "vscode-languageclient";
import type { LanguageClient } from "vscode-languageclient/node";
import type { Denoise } from "../denoising/live";
import { COMMANDS } from "../wire";

export interface Order {
  /** Shown while the work lasts. */
  readonly title: string;
  /** The server's command. */
  readonly command: string;
  readonly document: vscode.TextDocument;
  /** Without a range the whole document. */
  readonly range?: vscode.Range;
  readonly instruction?: string;
  /** One of the server's tasks, whose words it knows. */
  readonly task?: string;
  /** The language of what is rewritten, if it is not the document's. */
  readonly source?: string;
  readonly strength?: number;
  /** Kinds of what must stay: names, literals, signatures, comments. */
  readonly lock?: readonly string[];
  /** 0: the likeliest rewrite; others draw another one. */
  readonly seed: number;
  /** Edits of an earlier answer that were accepted and are to stay. */
  readonly kept?: readonly vscode.TextEdit[];
}

const FAILED = -32803; // RequestFailed: nothing came of it, and the message says why
const MODIFIED = -32801;
const INVALID = -32602; // what was asked for makes no sense, as an empty selection
const CANCELLED = -32800;
const TAKES = process.platform === "darwin" ? "Cmd+Enter" : "Ctrl+Enter";
const PROGRESS = new ProgressType<WorkDoneProgressReport>();
let orders = 0;

/** Have it done, calling `onFrame` as it goes; undefined if it was cancelled, or came to nothing and that was said. */
export async function carryOut(
  client: LanguageClient,
  order: Order,
  cancel: vscode.CancellationToken,
  onDenoise: vscode.Event<Denoise>,
  onFrame: (frame: Denoise) => void,
): Promise<vscode.TextEdit[] | undefined> {
  const token = `remask-rewrite-${(orders += 1)}`;
  const frames = onDenoise((frame) => frame.token === token && onFrame(decoded(client, frame)));
  const options = { location: vscode.ProgressLocation.Window, title: `${order.title} (Escape cancels, ${TAKES} takes what is there)` };
  try {
    return await vscode.window.withProgress(options, (progress) => ask(client, order, token, progress, cancel));
  } catch (error) {
    tell(error);
    return undefined;
  } finally {
    frames.dispose();
  }
}

/** Have the rewrite of a document that is under way end with what is there of it. */
export async function takeNow(client: LanguageClient, { uri }: vscode.TextDocument): Promise<void> {
  const argument = { uri: client.code2ProtocolConverter.asUri(uri) };
  await client.sendRequest("workspace/executeCommand", { command: COMMANDS.takeNow, arguments: [argument] });
}

async function ask(
  client: LanguageClient,
  order: Order,
  token: string,
  progress: vscode.Progress<{ message?: string }>,
  cancel: vscode.CancellationToken,
): Promise<vscode.TextEdit[]> {
  const { document, range, instruction, task, source, strength, lock, seed, kept = [] } = order;
  const { asRange, asUri, asTextEdit } = client.code2ProtocolConverter;
  const place = { uri: asUri(document.uri), version: document.version, ...(range && { range: asRange(range) }) };
  const how = { instruction, task, source, strength, lock, seed, kept: kept.map(asTextEdit) };
  const argument = { ...place, ...how, token, apply: false };
  const shown = client.onProgress(PROGRESS, token, (report) => {
    if (report.message) {
      progress.report({ message: report.message });
    }
  });
  try {
    const params = { command: order.command, arguments: [argument], workDoneToken: token };
    const answer = await client.sendRequest<{ edit?: WorkspaceEdit }>("workspace/executeCommand", params, cancel);
    const [change] = answer.edit?.documentChanges ?? [];
    if (!TextDocumentEdit.is(change)) {
      return [];
    }
    if (change.textDocument.version !== document.version) {
      throw new ResponseError(MODIFIED, "the document has another version by now");
    }
    return await client.protocol2CodeConverter.asTextEdits(change.edits.filter((edit) => "newText" in edit));
  } finally {
    shown.dispose();
  }
}

/** With ranges of VS Code's. */
function decoded(client: LanguageClient, { ranges, ...frame }: Denoise): Denoise {
  return { ...frame, ...(ranges && { ranges: ranges.map((range) => client.protocol2CodeConverter.asRange(range)) }) };
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
