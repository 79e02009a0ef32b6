/**
 * Whether doubts told of one version say what to draw in another. An empty list, which comes once, always does. Of
 * others the next is under way, and what is drawn moves along meanwhile.
 */
export function counts(told: { readonly version: number; readonly ranges: readonly unknown[] }, now: number): boolean {
  return told.version === now || told.ranges.length === 0;
}
