/** A rewrite as a diff against the document: accepted, rejected or drawn anew. One at a time. */
import * as vscode from "vscode";
import type { Server } from "../server/server";
import { applied } from "./applied";
import { carryOut, type Order } from "./order";

const SCHEME = "remask-rewrite";

interface Shown {
  readonly order: Order;
  readonly version: number;
  readonly edits: readonly vscode.TextEdit[];
  readonly uri: vscode.Uri;
}

export class Preview implements vscode.Disposable, vscode.TextDocumentContentProvider {
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #registered = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  #shown: Shown | undefined;

  constructor(private readonly server: Server) {}

  dispose(): void {
    this.#registered.dispose();
    this.#changed.dispose();
  }

  /** What would stand in the document. */
  provideTextDocumentContent(uri: vscode.Uri): string {
    const shown = this.#shown;
    if (shown?.uri.toString() !== uri.toString()) {
      return "";
    }
    const { document } = shown.order;
    return applied(
      document.getText(),
      shown.edits.map(({ range, newText }) => ({
        start: document.offsetAt(range.start),
        end: document.offsetAt(range.end),
        text: newText,
      })),
    );
  }

  /** Have an order carried out and show what comes of it. */
  async show(order: Order): Promise<void> {
    const { client } = this.server;
    if (client === undefined) {
      void vscode.window.showWarningMessage("Remask: the server does not run.");
      return;
    }
    const { version } = order.document;
    const edits = await carryOut(client, order);
    if (edits === undefined) {
      return;
    }
    const same = order.seed > 0 && this.#shown !== undefined && alike(this.#shown.edits, edits);
    if (edits.length === 0 || same) {
      const said = same ? "the model wrote the same again" : "the model would change nothing";
      void vscode.window.showInformationMessage(`Remask: ${said}.`);
      return;
    }
    await this.#open({ order, version, edits, uri: order.document.uri.with({ scheme: SCHEME, query: "" }) });
  }

  /** Put the rewrite into the document. */
  async accept(): Promise<void> {
    const shown = this.#shown;
    if (shown === undefined) {
      return;
    }
    const { document } = shown.order;
    if (document.version !== shown.version) {
      void vscode.window.showWarningMessage("Remask: the text changed meanwhile. Have it rewritten again.");
      return;
    }
    await this.reject();
    const edit = new vscode.WorkspaceEdit();
    edit.set(document.uri, [...shown.edits]);
    await vscode.workspace.applyEdit(edit, { isRefactoring: true });
    await vscode.window.showTextDocument(document);
  }

  /** Draw another rewrite of the same place. */
  async reroll(): Promise<void> {
    const shown = this.#shown;
    if (shown === undefined) {
      return;
    }
    if (shown.order.document.version !== shown.version) {
      void vscode.window.showWarningMessage("Remask: the text changed meanwhile. Select anew what to rewrite.");
      return;
    }
    const order = { ...shown.order, seed: shown.order.seed + 1 };
    this.#shown = { ...shown, order }; // also if nothing comes of it, so that the next one is another
    await this.show(order);
  }

  /** Close the diff and leave the document as it is. */
  async reject(): Promise<void> {
    const uri = this.#shown?.uri.toString();
    this.#shown = undefined;
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    const ours = tabs.filter(({ input }) => input instanceof vscode.TabInputTextDiff && input.modified.toString() === uri);
    await vscode.window.tabGroups.close(ours);
  }

  async #open(shown: Shown): Promise<void> {
    const { document, title } = shown.order;
    this.#shown = shown;
    this.#changed.fire(shown.uri);
    const name = document.uri.path.split("/").at(-1) ?? "";
    await vscode.commands.executeCommand("vscode.diff", document.uri, shown.uri, `${name}: ${title}`, { preview: true });
    const right = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === shown.uri.toString());
    if (right && right.languageId !== document.languageId) {
      await vscode.languages.setTextDocumentLanguage(right, document.languageId);
    }
  }
}

function alike(some: readonly vscode.TextEdit[], others: readonly vscode.TextEdit[]): boolean {
  const pairs = some.map((edit, at) => [edit, others[at]] as const);
  return (
    some.length === others.length &&
    pairs.every(([one, other]) => other && one.range.isEqual(other.range) && one.newText === other.newText)
  );
}
