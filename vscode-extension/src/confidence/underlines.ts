/** Underlines tokens of accepted text that the model was not sure of. Which they are, and the hovers, are the server's. */
import * as vscode from "vscode";
import type { Server } from "../server/server";
import type { Doubts } from "./feature";
import { counts } from "./told";

export class Underlines implements vscode.Disposable {
  readonly #style = vscode.window.createTextEditorDecorationType({
    borderStyle: "dotted",
    borderWidth: "0 0 2px 0",
    borderColor: new vscode.ThemeColor("remask.underline"),
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  });
  /** The last that was told of each document. */
  readonly #told = new Map<string, Doubts>();
  readonly #subscriptions: vscode.Disposable[];

  constructor(server: Server) {
    this.#subscriptions = [
      this.#style,
      server.onDoubts((doubts) => this.#take(doubts)),
      vscode.window.onDidChangeVisibleTextEditors((editors) => editors.forEach((editor) => this.#draw(editor))),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#told.delete(uri.toString())),
    ];
  }

  dispose(): void {
    vscode.Disposable.from(...this.#subscriptions).dispose();
  }

  #take(doubts: Doubts | undefined): void {
    if (doubts === undefined) {
      this.#told.clear();
      vscode.window.visibleTextEditors.forEach((editor) => editor.setDecorations(this.#style, []));
      return;
    }
    const key = doubts.uri.toString();
    this.#told.set(key, doubts);
    vscode.window.visibleTextEditors
      .filter(({ document }) => document.uri.toString() === key)
      .forEach((editor) => this.#draw(editor));
  }

  #draw(editor: vscode.TextEditor): void {
    const told = this.#told.get(editor.document.uri.toString());
    if (told !== undefined && counts(told, editor.document.version)) {
      editor.setDecorations(this.#style, told.ranges);
    }
  }
}
