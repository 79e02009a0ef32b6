/** Where the `remask` command is. Knows nothing of VS Code, so that it can be tested alone. */
import { win32, posix } from "node:path";

export interface Surroundings {
  /** The setting `remask.command`. */
  readonly setting: string | readonly string[];
  /** What starts `remask` in the extension's own environment, where there is one. */
  readonly own?: readonly string[] | undefined;
  /** The active Python interpreter, where one may be used. */
  readonly interpreter: string | undefined;
  readonly home: string;
  /** The variable PATH. */
  readonly searched: string;
  readonly windows: boolean;
  readonly exists: (file: string) => boolean;
}

/** The program and its first arguments; undefined if it is nowhere. A setting is taken or fails, nothing else is tried. */
export function locate(around: Surroundings): readonly string[] | undefined {
  const [program, ...rest] = typeof around.setting === "string" ? [around.setting.trim()] : around.setting;
  if (program) {
    const found = named(program, around);
    return found === undefined ? undefined : [found, ...rest];
  }
  if (around.own) {
    return around.own;
  }
  const { dirname, join } = paths(around);
  const beside = around.interpreter && join(dirname(around.interpreter), executable("remask", around));
  if (beside && around.exists(beside)) {
    return [beside];
  }
  const found = named("remask", around);
  return found === undefined ? undefined : [found];
}

function named(program: string, around: Surroundings): string | undefined {
  const { join, delimiter } = paths(around);
  if (/^~[/\\]/.test(program)) {
    program = join(around.home, program.slice(2));
  }
  const candidates = /[/\\]/.test(program)
    ? [program]
    : around.searched
        .split(delimiter)
        .filter((folder) => folder !== "")
        .map((folder) => join(folder, executable(program, around)));
  return candidates.find(around.exists);
}

function executable(name: string, around: Surroundings): string {
  return around.windows && !name.endsWith(".exe") ? `${name}.exe` : name;
}

function paths(around: Surroundings): typeof posix {
  return around.windows ? win32 : posix;
}
