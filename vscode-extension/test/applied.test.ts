import assert from "node:assert/strict";
import { test } from "node:test";
import { applied, type Replacement } from "../src/rewrite/applied";

const cases: [string, string, Replacement[], string][] = [
  ["without replacements the text stays", "abc", [], "abc"],
  ["offsets are those of the text before", "abc", [{ start: 2, end: 3, text: "CC" }, { start: 0, end: 1, text: "" }], "bCC"],
  ["an insertion takes nothing away", "ab", [{ start: 1, end: 1, text: "\r\n" }], "a\r\nb"],
  ["the end of the text is a place", "", [{ start: 0, end: 0, text: "x" }], "x"],
];

for (const [name, text, replacements, expected] of cases) {
  test(name, () => assert.equal(applied(text, replacements), expected));
}
