/** A word or a line of ghost text, no further than what is certain. */
export type Part = "word" | "line";

/** As far as the editor itself would go. */
const STEP: Record<Part, RegExp> = { word: /^(?:[\p{L}\p{N}_$]+|[^\p{L}\p{N}_$\s]*\s*)/u, line: /^[^\n]*\n?/u };

/**
 * What of `rest`, of whose text `typed` characters are written already, comes before its next doubtful token, if that
 * lies within the part; undefined if all of the part is certain. `cut` is the text, cut before each doubtful token.
 */
export function upToDoubt(cut: readonly string[], typed: number, rest: string, part: Part): string | undefined {
  let at = 0;
  for (const piece of cut) {
    at += piece.length;
    if (at > typed) {
      const step = STEP[part].exec(rest)?.[0].length ?? rest.length;
      return at - typed < step ? rest.slice(0, at - typed) : undefined;
    }
  }
  return undefined;
}

/** The first line break of `text` from `typed` on, with all before it, and the indentation behind it; undefined without one. */
export function lineOf(text: string, typed: number): { readonly line: string; readonly indentation: string } | undefined {
  const end = text.indexOf("\n", typed) + 1;
  const [indentation = ""] = /^[^\S\r\n]*/u.exec(text.slice(end)) ?? [];
  return end === 0 ? undefined : { line: text.slice(0, end), indentation };
}
