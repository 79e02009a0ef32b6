/** The canvas of a fill as rows of shaded text. */

/** One position of the canvas; a masked one has no text. */
export interface Cell {
  readonly text: string;
  readonly state: "masked" | "drafted" | "committed" | "locked";
  readonly confidence: number;
}

export type Shade = "sure" | "likely" | "doubtful" | "drafted" | "masked";

/** Text of one shade, `column` columns right of where its row begins. */
export interface Run {
  readonly text: string;
  readonly column: number;
  readonly shade: Shade;
}

export const MASK = "░";
// as `remask rewrite --watch-steps` shades
const SURE = 0.9;
const LIKELY = 0.6;
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}]/u;

/** The canvas line by line, each with what is alike in one run. Tabs become blanks; the first row begins at column `first`. */
export function rowsOf(cells: readonly Cell[], tabSize: number, first: number): Run[][] {
  const rows: Run[][] = [[]];
  let column = first;
  let origin = first;
  for (const cell of cells) {
    const shade = shadeOf(cell);
    const lines = (cell.state === "masked" ? MASK : cell.text).split(/\r?\n/);
    for (const [at, line] of lines.entries()) {
      if (at > 0) {
        rows.push([]);
        column = origin = 0;
      }
      const text = untabbed(line, column, tabSize);
      append(rows[rows.length - 1] ?? [], { text, column: column - origin, shade });
      column += widthOf(text);
    }
  }
  return rows;
}

export function shadeOf({ state, confidence }: Cell): Shade {
  if (state === "masked" || state === "drafted") {
    return state;
  }
  return state === "locked" || confidence >= SURE ? "sure" : confidence >= LIKELY ? "likely" : "doubtful";
}

/** Columns that a text without tabs takes. */
export function widthOf(text: string): number {
  return [...text].reduce((width, character) => width + (WIDE.test(character) ? 2 : 1), 0);
}

/** `text`, which begins at `column`, with blanks for its tabs. */
export function untabbed(text: string, column: number, tabSize: number): string {
  let result = "";
  for (const part of text.split(/(\t)/)) {
    const reached = column + widthOf(result);
    result += part === "\t" ? " ".repeat(tabSize - (reached % tabSize)) : part;
  }
  return result;
}

function append(row: Run[], run: Run): void {
  const last = row.at(-1);
  if (last !== undefined && last.shade === run.shade) {
    row[row.length - 1] = { ...last, text: last.text + run.text };
  } else if (run.text) {
    row.push(run);
  }
}
