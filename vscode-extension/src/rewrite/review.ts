/** A finished rewrite in its place: what goes is red, what comes hangs below it, and each hunk is decided by itself. */
import * as vscode from "vscode";
import { untabbed } from "../denoising/canvas";
import type { Paint, Painter } from "../denoising/paint";
import { stretched, type Span } from "../denoising/span";
import { blockOf, carriedAll, laidOut, type Block, type Hunk } from "./hunks";

const ADDED = [
  "z-index: 2",
  "color: var(--vscode-editor-foreground)",
  "width: 100vw", // clipped where the editor ends
  "background: linear-gradient(var(--vscode-diffEditor-insertedLineBackground), var(--vscode-diffEditor-insertedLineBackground)), var(--vscode-editor-background)",
].join("; ");
const LAST = "box-shadow: 0 4px 4px -2px var(--vscode-widget-shadow)"; // it hangs over lines that stay

export class Review implements vscode.Disposable {
  #hunks: readonly Hunk[];
  #scope: Span | undefined;
  #current = 0;
  #covered: readonly number[] = [];
  readonly #changed: vscode.Disposable;

  /** `moved` is called when the text under a hunk is edited, `news` when there is something else to see. */
  constructor(
    private readonly painter: Painter,
    readonly document: vscode.TextDocument,
    hunks: readonly Hunk[],
    scope: vscode.Range | undefined,
    { moved, news }: { moved: () => void; news: () => void },
  ) {
    this.#hunks = hunks;
    this.#scope = scope && { start: document.offsetAt(scope.start), end: document.offsetAt(scope.end) };
    this.#current = Math.max(0, this.#hunks.findIndex(({ state }) => state === "open"));
    this.#changed = vscode.workspace.onDidChangeTextDocument(({ document: changed, contentChanges }) => {
      if (changed !== document || contentChanges.length === 0) {
        return;
      }
      const carried = carriedAll(this.#hunks, contentChanges);
      if (carried === undefined) {
        moved();
        return;
      }
      this.#hunks = carried;
      this.#scope = this.#scope && stretched(this.#scope, contentChanges);
      this.#draw();
      news();
    });
    this.#draw();
  }

  get hunks(): readonly Hunk[] {
    return this.#hunks;
  }

  get current(): number {
    return this.#current;
  }

  /** What was asked to be rewritten, as it lies by now. */
  get scope(): vscode.Range | undefined {
    return this.#scope && this.#rangeOf(this.#scope);
  }

  /** Whether what another hunk adds hangs over this one. */
  isCovered(index: number): boolean {
    return this.#covered.includes(index);
  }

  get decided(): boolean {
    return this.#hunks.every(({ state }) => state !== "open");
  }

  /** Accepted hunks as edits. */
  get accepted(): vscode.TextEdit[] {
    const accepted = this.#hunks.filter(({ state }) => state === "accepted");
    return accepted.map((hunk) => new vscode.TextEdit(this.#rangeOf(hunk), hunk.text));
  }

  /** Decide about a hunk, or about all that are open; then the next open one is the current one. */
  decide(state: Hunk["state"], index?: number): void {
    this.#hunks = this.#hunks.map((hunk, at) =>
      (index === undefined ? hunk.state === "open" : at === index) ? { ...hunk, state } : hunk,
    );
    const open = this.#hunks.flatMap((hunk, at) => (hunk.state === "open" ? [at] : []));
    this.#current = state === "open" ? (index ?? 0) : (open.find((at) => at > (index ?? 0)) ?? open[0] ?? this.#current);
    this.#draw();
  }

  /** Make the hunk `step` further the current one. */
  go(step: number): void {
    this.#current = (this.#current + step + this.#hunks.length) % this.#hunks.length;
    this.reveal();
    this.#draw();
  }

  /** Put the cursor where the current hunk is. */
  reveal(): void {
    const hunk = this.#hunks[this.#current];
    const editor = vscode.window.visibleTextEditors.find(({ document }) => document === this.document);
    if (hunk && editor) {
      const { first, behind, added } = blockOf(hunk, this.document);
      const start = new vscode.Position(first, 0);
      editor.selection = new vscode.Selection(start, start);
      editor.revealRange(new vscode.Range(first, 0, behind + added.length, 0), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    }
  }

  /** The line that a hunk's actions stand above. */
  lineOf(hunk: Hunk): number {
    return Math.min(blockOf(hunk, this.document).first, this.document.lineCount - 1);
  }

  dispose(): void {
    this.#changed.dispose();
    this.painter.clear();
  }

  #draw(): void {
    const blocks = this.#hunks.map((hunk) => this.#blockOf(hunk));
    const { shown, covered } = laidOut(blocks, this.#current);
    this.#covered = covered;
    const taken = (accepted: boolean) =>
      blocks
        .filter(({ first, behind }, at) => first < behind && !covered.includes(at) && accepted === this.#isAccepted(at))
        .map(({ first, behind }) => new vscode.Range(first, 0, behind - 1, this.document.lineAt(behind - 1).text.length));
    this.painter.draw(this.document, {
      paints: shown.flatMap((at) => this.#added(blocks[at] as Block)),
      marks: { removed: taken(false), replaced: taken(true) },
    });
  }

  #isAccepted(at: number): boolean {
    return this.#hunks[at]?.state === "accepted";
  }

  /** A rejected hunk takes and adds nothing. */
  #blockOf(hunk: Hunk): Block {
    const block = blockOf(hunk, this.document);
    return hunk.state === "rejected" ? { first: block.first, behind: block.first, added: [] } : block;
  }

  /** What a block adds, below what it takes away. */
  #added({ behind, added }: Block): Paint[] {
    const editor = vscode.window.visibleTextEditors.find(({ document }) => document === this.document);
    const tabSize = Number(editor?.options.tabSize) || 4;
    const final = this.document.lineCount - 1;
    return added.map((line, at) => {
      const below = Math.min(behind + at, final);
      const anchor = new vscode.Position(below, 0);
      const css = at === added.length - 1 ? `${ADDED}; ${LAST}` : ADDED;
      return { text: untabbed(line, 0, tabSize) || " ", anchor, column: 0, row: behind + at - below, css };
    });
  }

  #rangeOf({ start, end }: Span): vscode.Range {
    return new vscode.Range(this.document.positionAt(start), this.document.positionAt(end));
  }
}
