import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Environment, newEnough, pipStep, SetUpFailed, wheelIn, type Watch } from "../src/setup/environment";
import { run } from "../src/setup/process";

const WORKS = `case "$*" in
  *"sys.version_info[:2]"*) echo 3.12;;
  *"-m venv"*) for last; do :; done; mkdir -p $last/bin && cp "$0" $last/bin/python;;
  *"-m pip"*) echo "Collecting remask"; PIP;;
esac`;

/** A machine on whose PATH there is nothing but this `python3`; what came of building, and what was heard. */
async function built(script: string | undefined, requirement = "remask", signal = new AbortController().signal) {
  const folder = mkdtempSync(join(tmpdir(), "remask-"));
  if (script !== undefined) {
    writeFileSync(join(folder, "python3"), `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
    chmodSync(join(folder, "python3"), 0o755);
  }
  const before = process.env["PATH"];
  const environment = new Environment(join(folder, "own", "environment"));
  const steps: string[] = [];
  const lines: string[] = [];
  const watch: Watch = { signal, step: (words) => steps.push(words), line: (line) => lines.push(line) };
  process.env["PATH"] = folder;
  try {
    await environment.build(requirement, watch);
    return { environment, steps, lines, error: undefined };
  } catch (error) {
    assert.ok(error instanceof SetUpFailed, String(error));
    return { environment, steps, lines, error };
  } finally {
    process.env["PATH"] = before;
  }
}

const failures: [string, string | undefined, RegExp, RegExp][] = [
  ["no Python", undefined, /no Python/, /Install Python 3\.11/],
  ["an old Python", "echo 3.9", /too old here: python3 is 3\.9/, /Install Python 3\.11/],
  [
    "a Python without ensurepip, as Debian's",
    WORKS.replace("for last", 'echo "ensurepip is not available"; exit 1; for last'),
    /cannot make virtual environments/,
    /apt install python3-venv/,
  ],
  [
    "an unknown package",
    WORKS.replace("PIP", "echo 'ERROR: No matching distribution found for remask' >&2; exit 1"),
    /pip could not install remask: No matching distribution/,
    /remask\.package/,
  ],
  ["a full disk", WORKS.replace("PIP", "echo 'ERROR: [Errno 28] No space left on device'; exit 1"), /No space left/, /Make room/],
  [
    "somebody else's package of that name",
    WORKS.replace("PIP", ":").replace("esac", '  *"-m lsp_server"*) echo "No module named lsp_server" >&2; exit 1;;\nesac'),
    /is not Remask/,
    /remask\.package/,
  ],
];

for (const [name, script, message, remedy] of failures) {
  test(`${name} is said, with what to do, and leaves no environment`, async () => {
    const { environment, error } = await built(script);
    assert.match(error?.message ?? "", message);
    assert.match(error?.remedy ?? "", remedy);
    assert.equal(environment.command, undefined);
    assert.equal(environment.requirement, undefined);
  });
}

test("an environment is used once it is finished", async () => {
  const { environment, steps, lines, error } = await built(WORKS.replace("PIP", ":"));
  assert.equal(error, undefined);
  assert.deepEqual(environment.command, [join(environment.folder, "bin", "python"), "-P", "-m", "lsp_server"]);
  assert.deepEqual(steps, ["looking for Python", "making an environment", "looking for remask", "looking for remask"]);
  assert.ok(lines.includes("Collecting remask"));
});

test("a wheel is called by its name, and remembered by its path", async () => {
  const wheel = join(tmpdir(), "remask-0.1.0-py3-none-any.whl");
  const { environment, steps } = await built(WORKS.replace("PIP", ":"), wheel);
  assert.equal(environment.requirement, wheel);
  assert.ok(steps.includes("looking for remask-0.1.0-py3-none-any.whl"));
});

test("the wheel that comes with the extension is found, if there is one", () => {
  const folder = mkdtempSync(join(tmpdir(), "remask-"));
  assert.equal(wheelIn(folder), undefined);
  assert.equal(wheelIn(join(folder, "nowhere")), undefined);
  writeFileSync(join(folder, "remask-0.1.0-py3-none-any.whl"), "");
  assert.equal(wheelIn(folder), join(folder, "remask-0.1.0-py3-none-any.whl"));
});

test("stopping ends what pip has started too", async () => {
  const stop = new AbortController();
  const folder = mkdtempSync(join(tmpdir(), "remask-"));
  const started = join(folder, "started");
  const running = run(["/bin/sh", "-c", `sleep 600 & touch ${started}; wait`], stop.signal);
  while (!existsSync(started)) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  stop.abort();
  const { code } = await running; // comes once nobody holds its output any more
  assert.notEqual(code, 0);
});

const lines: [string, string | undefined][] = [
  ["Collecting torch<2.14,>=2.6 (from remask)", "looking for torch"],
  ["  Downloading torch-2.13.0-cp311-none-linux_x86_64.whl (888 kB)", "fetching torch (888 kB)"],
  ["  Downloading https://x.invalid/a/b/numpy-2.0.tar.gz (20 MB)", "fetching numpy (20 MB)"],
  ["Installing collected packages: a, b, c", "installing 3 packages"],
  ["  Building wheel for remask (pyproject.toml): started", "building remask"],
  ["Requirement already satisfied: pip", undefined],
];
for (const [line, words] of lines) {
  test(`pip's “${line.trim()}” is ${words ?? "nothing to show"}`, () => assert.equal(pipStep(line), words));
}

test("versions are compared as numbers", () => {
  assert.deepEqual(["3.11", "3.9", "4.0", "2.7", "", "x"].map(newEnough), [true, false, true, false, false, false]);
});
