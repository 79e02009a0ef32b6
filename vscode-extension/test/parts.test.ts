import assert from "node:assert/strict";
import { test } from "node:test";
import { lineOf, upToDoubt, type Part } from "../src/confidence/parts";

const cut = ["= add(", "first", ", second)\nz = 1", " + 2"];
const text = cut.join("");

const cases: [string, number, Part, string | undefined][] = [
  ["a word that is certain is the editor's own", 0, "word", undefined],
  ["a line goes up to the first doubtful token", 0, "line", "= add("],
  ["the token itself is taken next", 6, "line", "first"],
  ["a word that is no more than a token is the editor's own", 6, "word", undefined],
  ["a line whose doubtful token lies in the next is certain", 11, "line", undefined],
  ["a line break ends its line", 20, "line", undefined],
  ["the next line goes up to its doubtful token", 21, "line", "z = 1"],
  ["blanks belong to the mark before them", 0, "word", undefined],
  ["a mark ends before a doubtful blank", 25, "word", undefined],
  ["behind the last doubtful token all is certain", 26, "line", undefined],
  ["nothing is left", text.length, "word", undefined],
];
for (const [name, typed, part, piece] of cases) {
  test(`parts: ${name}`, () => {
    assert.equal(upToDoubt(cut, typed, text.slice(typed), part), piece);
  });
}

test("parts: a doubtful token may begin within a word", () => {
  assert.equal(upToDoubt(["num", "bers"], 0, "numbers", "word"), "num");
  assert.equal(upToDoubt(["num", "bers"], 1, "umbers", "word"), "um");
  assert.equal(upToDoubt([], 0, "numbers", "word"), undefined);
});

test("parts: a line's end has the next one's indentation behind it", () => {
  const text = "\n    total = one\r\n\n\treturn total";
  assert.deepEqual(lineOf(text, 0), { line: "\n", indentation: "    " });
  assert.deepEqual(lineOf(text, 1), { line: "\n    total = one\r\n", indentation: "" });
  assert.deepEqual(lineOf(text, 18), { line: "\n    total = one\r\n\n", indentation: "\t" });
  assert.equal(lineOf(text, 19), undefined);
  assert.deepEqual(lineOf("}\n", 0), { line: "}\n", indentation: "" });
});
