/** Edits as the text they lead to. */

export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** `text` with replacements that do not overlap, in any order; offsets are those of `text`. */
export function applied(text: string, replacements: readonly Replacement[]): string {
  let done = 0;
  let result = "";
  for (const { start, end, text: fresh } of [...replacements].sort((a, b) => a.start - b.start)) {
    result += text.slice(done, start) + fresh;
    done = end;
  }
  return result + text.slice(done);
}
