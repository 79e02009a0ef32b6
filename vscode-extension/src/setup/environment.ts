/** A virtual environment of the extension's own, and what can go wrong in making it. Knows nothing of VS Code. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, isAbsolute, join } from "node:path";
import { run, type Ran } from "./process";

export const OLDEST: readonly [number, number] = [3, 11];
const VERSION = "import sys; print('%d.%d' % sys.version_info[:2])";
const MODULE = ["-P", "-m"]; // -P: of what is installed, not of what lies in the folder it runs in
const WINDOWS = process.platform === "win32";
const PYTHONS: readonly [string, ...string[]][] = WINDOWS
  ? [["py", "-3"], ["python"]]
  : [["python3"], ["python"], ["python3.14"], ["python3.13"], ["python3.12"], ["python3.11"]];

/** Why there is no environment, and what a person can do. */
export class SetUpFailed extends Error {
  constructor(
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}

export interface Watch {
  readonly signal: AbortSignal;
  /** What is going on, in a few words. */
  readonly step: (words: string) => void;
  /** Everything that the programs say. */
  readonly line: (line: string) => void;
}

export class Environment {
  constructor(readonly folder: string) {}

  /** What starts `remask` in it, if it was finished. */
  get command(): readonly string[] | undefined {
    return this.requirement === undefined ? undefined : [this.#python, ...MODULE, "lsp_server"];
  }

  /** What was installed there, as pip understands it; undefined if it was not finished. */
  get requirement(): string | undefined {
    try {
      return (JSON.parse(readFileSync(this.#stamp, "utf-8")) as { requirement?: string }).requirement;
    } catch {
      return undefined;
    }
  }

  /** Make it anew and install `requirement` there, as pip understands it; rejects with `SetUpFailed`. */
  async build(requirement: string, watch: Watch): Promise<void> {
    const python = await findPython(watch);
    watch.step("making an environment");
    mkdirSync(this.folder, { recursive: true });
    const made = await run([...python, ...MODULE, "venv", "--clear", this.folder], watch.signal, watch.line);
    if (made.code !== 0) {
      throw noEnvironment(made);
    }
    const pip = [...MODULE, "pip", "--disable-pip-version-check", "--no-input", "install", "--progress-bar", "off"];
    const name = isAbsolute(requirement) ? basename(requirement) : requirement;
    watch.step(`looking for ${name}`);
    const installed = await run([this.#python, ...pip, "--", requirement], watch.signal, (line) => {
      watch.line(line);
      const words = pipStep(line);
      if (words !== undefined) {
        watch.step(words);
      }
    });
    if (installed.code !== 0) {
      throw notInstalled(name, installed);
    }
    const works = await run([this.#python, ...MODULE, "lsp_server", "models", "--json"], watch.signal, watch.line);
    if (works.code !== 0) {
      throw new SetUpFailed(
        `what was installed as ${name} is not Remask, or does not run here`,
        "Check the setting remask.package; the log says more.",
      );
    }
    writeFileSync(this.#stamp, JSON.stringify({ requirement }));
  }

  get #stamp(): string {
    return join(this.folder, "remask.json"); // written last, and cleared first
  }

  get #python(): string {
    return WINDOWS ? join(this.folder, "Scripts", "python.exe") : join(this.folder, "bin", "python");
  }
}

/** The wheel of Remask in a folder of the extension; undefined if it was packed without. */
export function wheelIn(folder: string): string | undefined {
  try {
    const name = readdirSync(folder).find((each) => each.endsWith(".whl"));
    return name && join(folder, name);
  } catch {
    return undefined;
  }
}

async function findPython({ signal, step, line }: Watch): Promise<readonly [string, ...string[]]> {
  step("looking for Python");
  const older: string[] = [];
  for (const command of PYTHONS) {
    const { code, said } = await run([...command, "-c", VERSION], signal);
    const version = said.at(-1)?.trim() ?? "";
    if (code === 0 && newEnough(version)) {
      line(`${command.join(" ")} is Python ${version}`);
      return command;
    }
    if (code === 0) {
      older.push(`${command.join(" ")} is ${version}`);
    }
  }
  throw new SetUpFailed(
    older.length > 0 ? `Python is too old here: ${older.join(", ")}` : "there is no Python here",
    `Install Python ${OLDEST.join(".")} or later, from python.org or your system's packages, then try again.`,
  );
}

/** Whether a version, as "3.12", will do. */
export function newEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/** What a line of pip's says it is doing. */
export function pipStep(line: string): string | undefined {
  const [, doing, what = ""] = /^\s*(Collecting|Downloading|Installing collected packages:|Building wheel for) ?(.*)/.exec(line) ?? [];
  switch (doing) {
    case "Collecting":
      return `looking for ${/^[\w.-]+/.exec(what)?.[0] ?? what}`;
    case "Downloading":
      return `fetching ${what.replace(/^.*\/(?=\S)/, "").replace(/-[\w.+-]*\.(whl|tar\.gz|zip)\S*/, "")}`;
    case "Building wheel for":
      return `building ${/^[\w.-]+/.exec(what)?.[0] ?? what}`;
    case undefined:
      return undefined;
    default:
      return `installing ${what.split(",").length} packages`;
  }
}

function noEnvironment({ said }: Ran): SetUpFailed {
  const text = said.join("\n");
  if (/ensurepip|No module named '?venv/.test(text)) {
    return new SetUpFailed(
      "this Python cannot make virtual environments",
      "On Debian and Ubuntu: sudo apt install python3-venv. Then try again.",
    );
  }
  return new SetUpFailed(`the environment could not be made: ${said.at(-1) ?? "no reason was given"}`, spaceOrLog(text));
}

function notInstalled(requirement: string, { said }: Ran): SetUpFailed {
  const text = said.join("\n");
  const [, reason] = /^ERROR: (.+)$/m.exec(text) ?? [];
  const unknown = /No matching distribution|Invalid requirement|does not appear to be a Python project|does not exist|No such file/.test(text);
  return new SetUpFailed(
    `pip could not install ${requirement}: ${reason ?? said.at(-1) ?? "no reason was given"}`,
    unknown
      ? "Name a package, a wheel or a clone of Remask in the setting remask.package, then try again."
      : spaceOrLog(text),
  );
}

function spaceOrLog(text: string): string {
  if (/No space left|ENOSPC/.test(text)) {
    return "Make room on the disk, then try again.";
  }
  return "Check the network, the proxy and pip's settings, then try again; the log says more.";
}
