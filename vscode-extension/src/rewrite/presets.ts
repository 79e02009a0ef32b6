/** Refactors of the palette: tasks of the server, which knows the words. */
export interface Preset {
  readonly title: string;
  readonly task: string;
  /** The result belongs beside the code, not in its place. */
  readonly aside?: boolean;
}

export const PRESETS: Readonly<Record<string, Preset>> = {
  "remask.simplify": { title: "Simplify", task: "simplify" },
  "remask.addTypes": { title: "Add types", task: "types" },
  "remask.addDocstring": { title: "Add docstring", task: "docs" },
  "remask.renameForClarity": { title: "Rename for clarity", task: "rename" },
  "remask.handleErrors": { title: "Handle errors", task: "errors" },
  "remask.makeAsync": { title: "Make async", task: "async" },
  "remask.writeTest": { title: "Write a test", task: "test", aside: true },
};
