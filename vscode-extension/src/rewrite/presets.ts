/** Refactors of the palette: the same rewrite, its words given. */
export interface Preset {
  readonly title: string;
  readonly instruction: string;
  /** The result belongs beside the code, not in its place. */
  readonly aside?: boolean;
}

export const PRESETS: Readonly<Record<string, Preset>> = {
  "remask.simplify": {
    title: "Simplify",
    instruction: "Simplify this code without changing what it does.",
  },
  "remask.addTypes": {
    title: "Add types",
    instruction: "Add type annotations to the parameters, results and variables of this code. Change nothing else.",
  },
  "remask.addDocstring": {
    title: "Add docstring",
    instruction: "Add a short documentation comment that says what this code does. Change nothing else.",
  },
  "remask.renameForClarity": {
    title: "Rename for clarity",
    instruction: "Give local variables clearer names. Change nothing else.",
  },
  "remask.handleErrors": {
    title: "Handle errors",
    instruction: "Handle the errors that can occur in this code, without changing what it does when there are none.",
  },
  "remask.makeAsync": {
    title: "Make async",
    instruction: "Make this code asynchronous, awaiting what takes time.",
  },
  "remask.writeTest": {
    title: "Write a test",
    instruction: "Write a unit test for this code, in place of it.",
    aside: true,
  },
};
