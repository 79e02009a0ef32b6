import assert from "node:assert/strict";
import { test } from "node:test";
import { locate, type Surroundings } from "../src/server/locate";

function around(files: string[], more: Partial<Surroundings> = {}): Surroundings {
  return {
    setting: [],
    interpreter: undefined,
    home: "/home/me",
    searched: "/usr/bin:/opt/bin",
    windows: false,
    exists: (file) => files.includes(file),
    ...more,
  };
}

const cases: [string, Surroundings, readonly string[] | undefined][] = [
  ["the PATH is searched in order", around(["/opt/bin/remask"]), ["/opt/bin/remask"]],
  ["nothing is found where nothing is", around([]), undefined],
  [
    "the interpreter's environment comes before the PATH",
    around(["/venv/bin/remask", "/opt/bin/remask"], { interpreter: "/venv/bin/python" }),
    ["/venv/bin/remask"],
  ],
  [
    "an environment without remask is passed over",
    around(["/opt/bin/remask"], { interpreter: "/venv/bin/python" }),
    ["/opt/bin/remask"],
  ],
  [
    "a setting comes first and keeps its arguments",
    around(["/a/python", "/venv/bin/remask"], {
      setting: ["/a/python", "-m", "lsp_server"],
      interpreter: "/venv/bin/python",
    }),
    ["/a/python", "-m", "lsp_server"],
  ],
  ["a path is a setting too", around(["/a/remask"], { setting: " /a/remask " }), ["/a/remask"]],
  ["a setting's bare name is looked up", around(["/usr/bin/uv"], { setting: ["uv", "run"] }), ["/usr/bin/uv", "run"]],
  ["a setting's home is the user's", around(["/home/me/r/remask"], { setting: "~/r/remask" }), ["/home/me/r/remask"]],
  [
    "the extension's own environment, which the user asked for, comes before what is found",
    around(["/opt/bin/remask"], { own: ["/own/python", "-m", "lsp_server"] }),
    ["/own/python", "-m", "lsp_server"],
  ],
  [
    "a setting comes before the extension's own environment",
    around(["/a/remask"], { setting: "/a/remask", own: ["/own/python", "-m", "lsp_server"] }),
    ["/a/remask"],
  ],
  [
    "a setting that leads nowhere is not replaced by what is found elsewhere",
    around(["/opt/bin/remask"], { setting: "/gone/remask" }),
    undefined,
  ],
  [
    "Windows has other separators and suffixes",
    around(["C:\\venv\\Scripts\\remask.exe"], { windows: true, interpreter: "C:\\venv\\Scripts\\python.exe" }),
    ["C:\\venv\\Scripts\\remask.exe"],
  ],
];

for (const [name, given, expected] of cases) {
  test(name, () => assert.deepEqual(locate(given), expected));
}
