/** The edit that follows the last one: asked for when typing rests, jumped to and accepted by Tab. */
import * as vscode from "vscode";
import { schemes, type Server } from "../server/server";
import { nextEdit, tell, type NextEdit } from "./ask";
import { isAt, Painter } from "./paint";

const PAUSE_MS = 400;
const SHOWN = "remask.nextEditShown"; // of the keys' conditions

export class NextEdits implements vscode.Disposable {
  readonly #painter = new Painter();
  readonly #subscriptions: vscode.Disposable[];
  #shown: NextEdit | undefined;
  #timer: NodeJS.Timeout | undefined;
  #asking: vscode.CancellationTokenSource | undefined;

  constructor(private readonly server: Server) {
    this.#subscriptions = [
      this.#painter,
      vscode.workspace.onDidChangeTextDocument((change) => this.#changed(change)),
      vscode.window.onDidChangeTextEditorSelection(() => this.#shown && this.#painter.draw(this.#shown)),
      vscode.window.onDidChangeVisibleTextEditors(() => this.#shown && this.#painter.draw(this.#shown)),
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (document.uri.toString() === this.#shown?.uri.toString()) {
          this.#forget();
        }
      }),
    ];
  }

  /** Go to the shown edit; if the cursor is there already, make it. */
  async accept(): Promise<void> {
    const shown = this.#shown;
    const active = vscode.window.activeTextEditor;
    if (shown === undefined || active === undefined) {
      return;
    }
    if (!isAt(active, shown)) {
      await vscode.window.showTextDocument(shown.uri, { selection: new vscode.Range(shown.range.start, shown.range.start) });
      return;
    }
    this.#forget();
    if (active.document.version !== shown.version) {
      return;
    }
    const end = active.document.offsetAt(shown.range.start) + shown.text.length;
    if (await active.edit((builder) => builder.replace(shown.range, shown.text))) {
      const cursor = active.document.positionAt(end);
      active.selection = new vscode.Selection(cursor, cursor);
      await tell(this.server, shown, "accepted");
    }
  }

  /** Not wanted: it is not shown again. */
  async dismiss(): Promise<void> {
    const shown = this.#shown;
    this.#forget();
    if (shown !== undefined) {
      await tell(this.server, shown, "dismissNextEdit");
    }
  }

  dispose(): void {
    this.#forget();
    vscode.Disposable.from(...this.#subscriptions).dispose();
  }

  #changed({ document, contentChanges, reason }: vscode.TextDocumentChangeEvent): void {
    const editor = vscode.window.activeTextEditor;
    const wanted = vscode.workspace.getConfiguration("remask", document).get<boolean>("nextEdit.enabled");
    if (contentChanges.length === 0 || !schemes().includes(document.uri.scheme)) {
      return;
    }
    this.#forget();
    // who takes a change back wants no other one instead
    if (wanted && reason === undefined && editor?.document === document) {
      this.#timer = setTimeout(() => void this.#ask(editor), PAUSE_MS);
    }
  }

  async #ask(editor: vscode.TextEditor): Promise<void> {
    const asking = (this.#asking = new vscode.CancellationTokenSource());
    try {
      const found = await nextEdit(this.server, editor.document, editor.selection.active, asking.token);
      const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === found?.uri.toString());
      if (found !== undefined && document?.version === found.version && !asking.token.isCancellationRequested) {
        this.#show(found);
      }
    } catch (error) {
      this.server.output.debug(`no next edit: ${String(error)}`);
    }
  }

  #show(found: NextEdit): void {
    this.#shown = found;
    this.#painter.draw(found);
    void vscode.commands.executeCommand("setContext", SHOWN, true);
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#asking?.cancel();
    if (this.#shown !== undefined) {
      this.#shown = undefined;
      this.#painter.clear();
      void vscode.commands.executeCommand("setContext", SHOWN, false);
    }
  }
}
