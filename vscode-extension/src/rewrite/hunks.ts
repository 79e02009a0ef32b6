/** The parts of a rewrite that are accepted or rejected one by one, and what each looks like. */
import { carried, type Change, type Span } from "../denoising/span";

export interface Hunk extends Span {
  /** What is to stand there. */
  readonly text: string;
  readonly state: "open" | "accepted" | "rejected";
}

/** A hunk as whole lines: those of `first` up to `behind` become `added`. */
export interface Block {
  readonly first: number;
  readonly behind: number;
  readonly added: readonly string[];
}

/** What of a document is needed to see its lines. */
export interface Lines {
  readonly lineCount: number;
  lineAt(line: number): { readonly text: string };
  positionAt(offset: number): { readonly line: number; readonly character: number };
}

/** Where hunks lie after changes; undefined if one was touched. */
export function carriedAll(hunks: readonly Hunk[], changes: readonly Change[]): Hunk[] | undefined {
  const moved = hunks.map((hunk) => carried(hunk, changes)).filter((hunk) => hunk !== undefined);
  return moved.length === hunks.length ? moved : undefined;
}

/** The lines that a hunk replaces, as the diff of a file would show it. */
export function blockOf({ start, end, text }: Hunk, lines: Lines): Block {
  const from = lines.positionAt(start);
  const to = lines.positionAt(end);
  const fresh = text.split(/\r?\n/);
  if (from.character === 0 && to.character === 0 && (text === "" || fresh.at(-1) === "")) {
    return { first: from.line, behind: to.line, added: fresh.slice(0, -1) };
  }
  const before = lines.lineAt(from.line).text.slice(0, from.character);
  const behind = lines.lineAt(to.line).text.slice(to.character);
  const whole = `${before}${text}${behind}`.split(/\r?\n/);
  // a line break taken along at the end belongs to the lines, it does not open another
  const closed = to.character === 0 && from.line < to.line && fresh.at(-1) === "";
  return closed
    ? { first: from.line, behind: to.line, added: whole.slice(0, -1) }
    : { first: from.line, behind: to.line + 1, added: whole };
}

/**
 * What each block adds hangs below what it takes away, over the lines that follow. `shown` are the blocks that do so at
 * once: `current`, then those that reach no other. `covered` are those that a shown one reaches.
 */
export function laidOut(blocks: readonly Block[], current: number): { shown: number[]; covered: number[] } {
  const reached = (at: number) => {
    const block = blocks[at];
    const end = block ? block.behind + block.added.length : 0;
    return blocks.flatMap((other, index) => (block && index > at && other.first < end ? [index] : []));
  };
  const covered = reached(current);
  const free = blocks.flatMap((_, at) => (reached(at).length === 0 && !covered.includes(at) ? [at] : []));
  return { shown: [...new Set([...(current in blocks ? [current] : []), ...free])], covered };
}

/** Whether two rewrites come to the same. */
export function alike(some: readonly Hunk[], others: readonly Hunk[]): boolean {
  const key = (hunks: readonly Hunk[]) => JSON.stringify(hunks.map(({ start, end, text }) => [start, end, text]));
  return key(some) === key(others);
}
