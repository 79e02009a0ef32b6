/** The next edit drawn where it would be made; and beside the cursor, if that is elsewhere, where that is. */
import * as vscode from "vscode";
import type { NextEdit } from "./ask";

const BLANK = "\u00a0"; // of ordinary ones, all but one in a row would vanish
const LONGEST = 120;

export class Painter implements vscode.Disposable {
  readonly #gone = vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor("diffEditor.removedTextBackground"),
    textDecoration: "line-through",
  });
  readonly #new = vscode.window.createTextEditorDecorationType({
    before: {
      backgroundColor: new vscode.ThemeColor("diffEditor.insertedTextBackground"),
      color: new vscode.ThemeColor("editor.foreground"),
    },
  });
  readonly #pointer = vscode.window.createTextEditorDecorationType({
    before: { color: new vscode.ThemeColor("editorGhostText.foreground"), margin: "0 0 0 2em" },
  });

  draw(edit: NextEdit): void {
    for (const editor of vscode.window.visibleTextEditors) {
      this.#clear(editor);
      const { document } = editor;
      if (document.uri.toString() === edit.uri.toString()) {
        editor.setDecorations(this.#gone, edit.range.isEmpty ? [] : [edit.range]);
        editor.setDecorations(this.#new, written(edit));
      }
      if (editor === vscode.window.activeTextEditor && !isAt(editor, edit)) {
        editor.setDecorations(this.#pointer, [pointer(editor, edit)]);
      }
    }
  }

  clear(): void {
    vscode.window.visibleTextEditors.forEach((editor) => this.#clear(editor));
  }

  dispose(): void {
    vscode.Disposable.from(this.#gone, this.#new, this.#pointer).dispose();
  }

  #clear(editor: vscode.TextEditor): void {
    for (const style of [this.#gone, this.#new, this.#pointer]) {
      editor.setDecorations(style, []);
    }
  }
}

/** Whether the cursor stands in the lines of the edit. */
export function isAt(editor: vscode.TextEditor, { uri, range }: NextEdit): boolean {
  const { line } = editor.selection.active;
  return editor.document.uri.toString() === uri.toString() && range.start.line <= line && line <= range.end.line;
}

function written({ range, text }: NextEdit): vscode.DecorationOptions[] {
  if (text === "") {
    return [];
  }
  const contentText = text.slice(0, LONGEST).replace(/\r?\n/g, "⏎").replace(/ /g, BLANK);
  return [{ range: new vscode.Range(range.end, range.end), renderOptions: { before: { contentText } } }];
}

function pointer({ document, selection }: vscode.TextEditor, edit: NextEdit): vscode.DecorationOptions {
  const here = document.uri.toString() === edit.uri.toString();
  const line = edit.range.start.line;
  const arrow = !here ? "→" : line < selection.active.line ? "↑" : "↓";
  const file = here ? "" : ` of ${vscode.workspace.asRelativePath(edit.uri)}`;
  const contentText = `${arrow} Tab: next edit in line ${line + 1}${file}`.replace(/ /g, BLANK);
  const end = document.lineAt(selection.active.line).range.end;
  return { range: new vscode.Range(end, end), renderOptions: { before: { contentText } } };
}
