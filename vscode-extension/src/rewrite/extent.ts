/** How far a statement goes, as its indentation says. The server knows better, but cannot be asked about a copy. */
import type { Lines } from "./hunks";

const CONTINUED = /^\s*([)\]}{]|end\b)/;

/** The last line of what begins in a line: those below it are indented further, or close a bracket or a block. */
export function lastLine(document: Lines, first: number): number {
  const indented = (line: number) => document.lineAt(line).text.search(/\S/);
  let last = first;
  for (let line = first + 1; line < document.lineCount; line += 1) {
    const deeper = indented(line) - indented(first);
    if (deeper < 0 ? indented(line) >= 0 : deeper === 0 && !CONTINUED.test(document.lineAt(line).text)) {
      break;
    }
    last = indented(line) < 0 ? last : line;
  }
  return last;
}
