/**
 * Where a rewrite is shown: in its document itself, or, for a notebook's cell, in a copy beside the notebook. A cell's
 * editor is as high as the cell's own lines, so what hangs below them would be cut off, and nothing can make room there.
 */
import * as vscode from "vscode";
import type { Denoise } from "../denoising/live";
import { CELL, COPY } from "../status/reach";

/** The copies, which can only be read. Gone with the stage that asked for them. */
export class Copies implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #registered = vscode.workspace.registerTextDocumentContentProvider(COPY, this);
  #made = 0;

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.toString()) ?? "";
  }

  /** A copy of a cell, shown beside its notebook and named after it. */
  async of(cell: vscode.TextDocument): Promise<vscode.TextDocument> {
    const name = cell.uri.path.split("/").at(-1) ?? "";
    const uri = vscode.Uri.from({ scheme: COPY, path: `/${(this.#made += 1)}/${name}: rewritten cell` });
    this.#texts.set(uri.toString(), cell.getText());
    const opened = await vscode.workspace.openTextDocument(uri);
    const document = await vscode.languages.setTextDocumentLanguage(opened, cell.languageId);
    await vscode.window.showTextDocument(document, vscode.ViewColumn.Beside);
    return document;
  }

  /** Take a copy away, and go back to its notebook from there. */
  async remove(copy: vscode.TextDocument, cell: vscode.TextDocument): Promise<void> {
    this.#texts.delete(copy.uri.toString());
    const tabs = tabsOf(vscode.window.tabGroups.all.flatMap((group) => group.tabs), copy);
    const there = vscode.window.activeTextEditor?.document === copy;
    if (tabs.length > 0 && (await vscode.window.tabGroups.close(tabs, true)) && there) {
      await back(cell);
    }
  }

  dispose(): void {
    this.#registered.dispose();
  }
}

export class Stage implements vscode.Disposable {
  readonly #watched: vscode.Disposable;
  #over = false;

  /** `lost` is called when the copy is closed, `touched` when the cell it was made of is edited. */
  private constructor(
    private readonly copies: Copies,
    /** What is rewritten. */
    readonly document: vscode.TextDocument,
    /** Where that is shown; has the same text. */
    readonly shown: vscode.TextDocument,
    { lost, touched }: { lost: () => void; touched: () => void },
  ) {
    const copied = shown !== document;
    this.#watched = vscode.Disposable.from(
      vscode.workspace.onDidCloseTextDocument((closed) => (closed === document || closed === shown) && lost()),
      vscode.window.tabGroups.onDidChangeTabs(({ closed }) => copied && tabsOf(closed, shown).length > 0 && lost()),
      vscode.workspace.onDidChangeTextDocument(({ document: changed, contentChanges }) => {
        if (copied && changed === document && contentChanges.length > 0) {
          touched();
        }
      }),
    );
  }

  static async open(copies: Copies, document: vscode.TextDocument, ends: { lost: () => void; touched: () => void }): Promise<Stage> {
    const shown = document.uri.scheme === CELL ? await copies.of(document) : document;
    return new Stage(copies, document, shown, ends);
  }

  /** A frame of the document, as one of what is shown. */
  framed(frame: Denoise): Denoise {
    return frame.version === this.document.version ? { ...frame, version: this.shown.version } : frame;
  }

  dispose(): void {
    if (!this.#over) {
      this.#over = true;
      this.#watched.dispose();
      if (this.shown !== this.document) {
        void this.copies.remove(this.shown, this.document);
      }
    }
  }
}

function tabsOf(tabs: readonly vscode.Tab[], { uri }: vscode.TextDocument): vscode.Tab[] {
  return tabs.filter(({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === uri.toString());
}

/** Show a cell's notebook with the cell selected. */
async function back(cell: vscode.TextDocument): Promise<void> {
  const notebook = vscode.workspace.notebookDocuments.find((each) => each.getCells().some(({ document }) => document === cell));
  const at = notebook?.getCells().findIndex(({ document }) => document === cell);
  if (notebook && at !== undefined) {
    const viewColumn = vscode.window.visibleNotebookEditors.find((editor) => editor.notebook === notebook)?.viewColumn;
    const selections = [new vscode.NotebookRange(at, at + 1)];
    await vscode.window.showNotebookDocument(notebook, { selections, ...(viewColumn && { viewColumn }) });
  }
}
