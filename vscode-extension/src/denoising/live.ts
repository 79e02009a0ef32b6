/** A rewrite while it is denoised, drawn where it will stand. */
import * as vscode from "vscode";
import { rowsOf, untabbed, widthOf, type Cell, type Shade } from "./canvas";
import type { Paint, Painter } from "./paint";
import { carried, overlap, stretched, type Span } from "./span";

/** `remask/denoise`: where the holes stand, then their canvases. */
export interface Denoise {
  readonly token: string | number;
  readonly version?: number;
  readonly ranges?: readonly vscode.Range[];
  readonly hole?: number;
  readonly candidate?: number;
  readonly cells?: readonly Cell[];
}

interface Hole extends Span {
  readonly cells?: readonly Cell[];
}

const FRAME_MS = 33; // more often nobody sees, and VS Code would be kept busy
const CSS: Readonly<Record<Shade | "around", string>> = {
  sure: "color: var(--vscode-remask-sure)",
  likely: "color: var(--vscode-remask-likely)",
  doubtful: "color: var(--vscode-remask-doubtful)",
  drafted: "color: var(--vscode-remask-drafted); font-style: italic",
  masked: "color: var(--vscode-remask-masked)",
  around: "color: var(--vscode-editor-foreground)",
};

export function spanOf(document: vscode.TextDocument, { start, end }: vscode.Range): Span {
  return { start: document.offsetAt(start), end: document.offsetAt(end), closed: end.character > 0 };
}

export class Live implements vscode.Disposable {
  /** Holes on show, and which of them the frames count. */
  #holes: readonly Hole[];
  #counted: readonly Hole[] = [];
  #waiting: NodeJS.Timeout | undefined;
  #asked: Span | undefined;
  #over = false;
  readonly #changed: vscode.Disposable;

  /** `touched` is called when the text that is being rewritten is edited. */
  constructor(
    private readonly painter: Painter,
    private readonly document: vscode.TextDocument,
    asked: vscode.Range | undefined,
    touched: () => void,
  ) {
    this.#asked = asked && this.#spanOf(asked);
    this.#holes = this.#asked ? [this.#asked] : [];
    this.#changed = vscode.workspace.onDidChangeTextDocument(({ document: changed, contentChanges }) => {
      if (changed === document && contentChanges.length > 0) {
        this.#asked = this.#asked && stretched(this.#asked, contentChanges);
        const holes = this.#holes.map((hole) => carried(hole, contentChanges));
        if (holes.includes(undefined)) {
          touched();
        } else {
          this.#replace(this.#holes, holes.filter((hole) => hole !== undefined));
        }
      }
    });
    this.#later();
  }

  show({ version, ranges, hole, candidate, cells }: Denoise): void {
    if (ranges && version === this.document.version) {
      const fresh = ranges.map((range) => this.#spanOf(range));
      this.#holes = [...this.#holes.filter((old) => old.cells && !fresh.some((each) => overlap(old, each))), ...fresh];
      this.#counted = fresh;
    }
    const drawn = hole === undefined ? undefined : this.#counted[hole];
    if (drawn && cells && !candidate) {
      this.#replace([drawn], [{ ...drawn, cells }]);
    }
    this.#later();
  }

  /** What was asked to be rewritten, as it lies by now. */
  get asked(): vscode.Range | undefined {
    const { document } = this;
    return this.#asked && new vscode.Range(document.positionAt(this.#asked.start), document.positionAt(this.#asked.end));
  }

  dispose(): void {
    if (!this.#over) {
      this.#over = true;
      clearTimeout(this.#waiting);
      this.#changed.dispose();
      this.painter.clear();
    }
  }

  #replace(old: readonly Hole[], fresh: readonly Hole[]): void {
    const swapped = (hole: Hole) => fresh[old.indexOf(hole)] ?? hole;
    this.#counted = this.#counted.map(swapped);
    this.#holes = this.#holes.map(swapped);
    this.#later();
  }

  #later(): void {
    if (this.#over) {
      return;
    }
    this.#waiting ??= setTimeout(() => {
      this.#waiting = undefined;
      this.#draw();
    }, FRAME_MS);
  }

  #draw(): void {
    const paints: Paint[] = [];
    const hidden: vscode.Range[] = [];
    const faded: vscode.Range[] = [];
    const working: vscode.Range[] = [];
    for (const hole of this.#holes) {
      const start = this.document.positionAt(hole.start);
      const end = this.document.positionAt(hole.end);
      const last = end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
      const rows = hole.cells ? this.#rows(hole.cells, start, end) : [];
      paints.push(...rows.flat());
      const reached = Math.min(start.line + Math.max(rows.length, 1), this.document.lineCount) - 1;
      if (rows.length > 0) {
        hidden.push(new vscode.Range(start, this.document.lineAt(reached).range.end));
      }
      const rest = rows.length > 0 ? new vscode.Position(reached + 1, 0) : start;
      if (rest.isBefore(end)) {
        faded.push(new vscode.Range(rest, end));
      }
      working.push(new vscode.Range(start.line, 0, Math.max(last, reached), 0));
    }
    this.painter.draw(this.document, { paints, marks: { hidden, faded, working } });
  }

  #rows(cells: readonly Cell[], start: vscode.Position, end: vscode.Position): Paint[][] {
    const before = this.document.lineAt(start.line).text.slice(0, start.character);
    const tabSize = this.#tabSize();
    const rows = rowsOf(cells, tabSize, widthOf(untabbed(before, 0, tabSize)));
    const final = this.document.lineCount - 1;
    const paints = rows.map((runs, at) => {
      const line = Math.min(start.line + at, final);
      const anchor = at === 0 ? start : new vscode.Position(line, 0);
      return runs.map(({ text, column, shade }) => ({ text, anchor, column, row: start.line + at - line, css: CSS[shade] }));
    });
    const behind = end.character === 0 ? "" : this.document.lineAt(end.line).text.slice(end.character);
    const [last] = paints.slice(-1);
    const run = last?.at(-1);
    if (behind.trim() && last && run) {
      last.push({ ...run, text: behind, column: run.column + widthOf(run.text), css: CSS.around });
    }
    return paints;
  }

  #tabSize(): number {
    const editor = vscode.window.visibleTextEditors.find(({ document }) => document === this.document);
    return Number(editor?.options.tabSize) || 4;
  }

  #spanOf(range: vscode.Range): Span {
    return spanOf(this.document, range);
  }
}
