/**
 * Text painted over a document without touching it, so that nothing enters undo.
 *
 * Decorations cannot make room for lines. So each run is put into the generated content of a decoration, taken out of
 * the flow and placed by its column; a row that the document has no line for hangs below the last one. VS Code passes on
 * what stands behind `none;` in `textDecoration` as CSS: https://github.com/microsoft/vscode/issues/33852.
 */
import * as vscode from "vscode";

export interface Paint {
  /** Text at `anchor`, `column` columns to its right and `row` rows below; `css` is added. */
  readonly text: string;
  readonly anchor: vscode.Position;
  readonly column: number;
  readonly row: number;
  readonly css: string;
}

/** What is drawn at once. */
export interface Picture {
  readonly paints: readonly Paint[];
  /** Ranges by the kind of decoration they get. */
  readonly marks: Readonly<Partial<Record<Mark, readonly vscode.Range[]>>>;
}

const MARKS = {
  hidden: { color: "transparent" },
  faded: { opacity: "0.45" },
  working: { isWholeLine: true, backgroundColor: new vscode.ThemeColor("editor.rangeHighlightBackground") },
  removed: {
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor("diffEditor.removedLineBackground"),
    overviewRulerColor: new vscode.ThemeColor("diffEditorOverview.removedForeground"),
  },
  replaced: { opacity: "0.6", textDecoration: "line-through" },
} satisfies Record<string, vscode.DecorationRenderOptions>;
export type Mark = keyof typeof MARKS;
const NOTHING: Picture = { paints: [], marks: {} };

/** Draws pictures on every editor that shows a document. */
export class Painter implements vscode.Disposable {
  readonly #text = vscode.window.createTextEditorDecorationType({});
  readonly #marks = Object.entries(MARKS).map(
    ([mark, options]) => [mark as Mark, vscode.window.createTextEditorDecorationType(options)] as const,
  );
  #drawn: { document: vscode.TextDocument; picture: Picture } | undefined;
  readonly #shown = vscode.window.onDidChangeVisibleTextEditors(() => this.#draw());

  draw(document: vscode.TextDocument, picture: Picture): void {
    this.#drawn = { document, picture };
    this.#draw();
  }

  clear(): void {
    if (this.#drawn) {
      this.draw(this.#drawn.document, NOTHING);
      this.#drawn = undefined;
    }
  }

  dispose(): void {
    this.#shown.dispose();
    this.#text.dispose();
    this.#marks.forEach(([, type]) => type.dispose());
  }

  #draw(): void {
    const { document, picture } = this.#drawn ?? {};
    for (const editor of vscode.window.visibleTextEditors) {
      if (picture && editor.document === document) {
        editor.setDecorations(this.#text, picture.paints.map(decoration));
        this.#marks.forEach(([mark, type]) => editor.setDecorations(type, picture.marks[mark] ?? []));
      }
    }
  }
}

function decoration({ text, anchor, column, row, css }: Paint): vscode.DecorationOptions {
  const placed = `position: absolute; white-space: pre; margin-left: ${column}ch; top: ${row * 100}%`;
  return {
    range: new vscode.Range(anchor, anchor),
    renderOptions: { before: { contentText: text, textDecoration: `none; ${placed}; ${css}` } },
  };
}
