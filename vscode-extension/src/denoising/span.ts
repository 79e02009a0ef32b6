/** Places of a document, by offset, while it is edited. */

export interface Span {
  readonly start: number;
  readonly end: number;
  /** It ends within a line: what is typed at its end belongs to it. */
  readonly closed?: boolean;
}

/** As VS Code tells it. */
export interface Change {
  readonly rangeOffset: number;
  readonly rangeLength: number;
  readonly text: string;
}

/** Where a span lies after changes, which follow one another; undefined if one touched it. */
export function carried<S extends Span>(span: S, changes: readonly Change[]): S | undefined {
  let { start, end } = span;
  for (const { rangeOffset, rangeLength, text } of changes) {
    const behind = rangeOffset + rangeLength;
    const moved = text.length - rangeLength;
    if (start === end && rangeOffset === start && rangeLength === 0) {
      return undefined;
    }
    if (behind <= start) {
      start += moved;
      end += moved;
    } else if (rangeOffset < end || (span.closed && rangeOffset === end)) {
      return undefined;
    }
  }
  return { ...span, start, end };
}

/** Where a span lies after changes, grown or shrunk by those inside it. */
export function stretched(span: Span, changes: readonly Change[]): Span {
  let { start, end } = span;
  for (const { rangeOffset, rangeLength, text } of changes) {
    const moved = text.length - rangeLength;
    end = rangeOffset <= end ? Math.max(rangeOffset, end + moved) : end;
    start = rangeOffset + rangeLength <= start ? start + moved : Math.min(start, end);
  }
  return { start, end };
}

export function overlap(one: Span, other: Span): boolean {
  return one.start < other.end && other.start < one.end;
}
