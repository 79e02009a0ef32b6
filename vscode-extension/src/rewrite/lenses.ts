/** What can be done with each hunk of the rewrite under review, above it. */
import * as vscode from "vscode";
import type { Review } from "./review";

export class Lenses implements vscode.CodeLensProvider, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#changed.event;
  readonly #registered = vscode.languages.registerCodeLensProvider({ pattern: "**" }, this);

  constructor(private readonly review: () => Review | undefined) {}

  /** Look anew. */
  refresh(): void {
    this.#changed.fire();
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const review = this.review();
    if (review?.document !== document) {
      return [];
    }
    const { hunks, current } = review;
    const several = hunks.length > 1;
    return hunks.flatMap((hunk, at) => {
      if (review.isCovered(at)) {
        return [];
      }
      const line = review.lineOf(hunk);
      const lens = (title: string, command: string, tooltip?: string) =>
        new vscode.CodeLens(new vscode.Range(line, 0, line, 0), { title, command, arguments: [at], ...(tooltip && { tooltip }) });
      if (hunk.state !== "open") {
        return [lens(hunk.state === "accepted" ? "$(check) Accepted" : "$(close) Rejected", ""), lens("Reopen", "remask.reopenHunk")];
      }
      return [
        lens("$(check) Accept", "remask.acceptHunk", "Alt+Enter"),
        lens("$(close) Reject", "remask.rejectHunk", "Alt+Backspace"),
        ...(at !== current
          ? []
          : [
              ...(several ? [lens("Accept all", "remask.acceptRewrite", "Ctrl+Enter"), lens("Reject all", "remask.rejectRewrite", "Escape")] : []),
              lens("$(refresh) Again", "remask.rerollRewrite", "Ctrl+Alt+R"),
            ]),
      ];
    });
  }

  dispose(): void {
    this.#registered.dispose();
    this.#changed.dispose();
  }
}
