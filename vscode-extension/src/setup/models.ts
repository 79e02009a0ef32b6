/** What models there are, fetching one, and choosing one. `remask` does it; this asks first and shows how far it is. */
import * as vscode from "vscode";
import { run } from "./process";
import { watched } from "./progress";

/** A row of `remask models --json`. */
export interface Model {
  readonly name: string;
  readonly title: string;
  readonly licence: string;
  readonly size_mib: number;
  readonly memory_mib: number;
  readonly runs_here: boolean;
  readonly installed: boolean;
}

/** A line of `remask pull --json`. */
interface Step {
  readonly phase: "waiting" | "fetching" | "checking" | "failed" | "done";
  readonly done?: number;
  readonly total?: number;
  readonly source?: string;
  readonly note?: string;
}

type Command = readonly [string, ...string[]];
const PULL = "Pull";
const ANOTHER = "Pick Another…";
const AGAIN = "Try Again";
const LOG = "Open Log";

/** The models that `remask` knows; undefined if it does not run. */
export async function models(command: Command): Promise<readonly Model[] | undefined> {
  const out: string[] = [];
  const ran = await run([...command, "models", "--json"], new AbortController().signal, (line, stream) => {
    if (stream === "stdout") {
      out.push(line);
    }
  });
  try {
    return ran.code === 0 ? (JSON.parse(out.join("\n")) as Model[]) : undefined;
  } catch {
    return undefined;
  }
}

/** Ask whether to fetch the chosen model, and do; true once it is there. */
export async function offerModel(command: Command, log: vscode.LogOutputChannel): Promise<boolean> {
  const found = await models(command);
  const model = found?.find(({ name }) => name === chosenModel()) ?? found?.[0];
  if (found === undefined || model === undefined) {
    void vscode.window.showErrorMessage("Remask: `remask models` does not work; `Remask: Set Up` may mend it.");
    return false;
  }
  if (model.installed) {
    void vscode.window.showInformationMessage(`Remask: the model ${model.name} is here.`);
    return true;
  }
  const size = `${model.size_mib} MiB, ${model.licence}`;
  const question = `Remask: the model ${model.title} (${size}) is not on this machine. Pull it?`;
  const others = found.length > 1 ? [ANOTHER] : [];
  const answer = await vscode.window.showInformationMessage(question, PULL, ...others);
  if (answer === ANOTHER) {
    return pickModel(command, log);
  }
  return answer === PULL && pull(command, model, log);
}

/** Have the user choose a model, and fetch it if it is not there; true once it is. */
export async function pickModel(command: Command, log: vscode.LogOutputChannel): Promise<boolean> {
  const found = (await models(command)) ?? [];
  const chosen = await vscode.window.showQuickPick(
    found.map((model) => ({
      label: model.name,
      description: [model.name === chosenModel() && "in use", model.installed ? "installed" : `${model.size_mib} MiB to pull`]
        .filter(Boolean)
        .join(", "),
      detail: `${model.title}. ${model.licence}. ${model.memory_mib} MiB of memory${model.runs_here ? "" : ": more than there is here"}.`,
      model,
    })),
    { title: "Remask: Pick Model", placeHolder: "Which model shall fill and rewrite?" },
  );
  if (chosen === undefined || !(chosen.model.installed || (await pull(command, chosen.model, log)))) {
    return false;
  }
  if (chosen.model.name !== chosenModel()) {
    const settings = vscode.workspace.getConfiguration("remask");
    await settings.update("model", chosen.model.name, vscode.ConfigurationTarget.Global);
  }
  return true;
}

function chosenModel(): string | undefined {
  return vscode.workspace.getConfiguration("remask").get<string>("model");
}

async function pull(command: Command, model: Model, log: vscode.LogOutputChannel): Promise<boolean> {
  for (;;) {
    const errors: string[] = [];
    const ran = await watched(`Remask: pulling ${model.name}`, (signal, report) =>
      run([...command, "pull", "--json", model.name], signal, (line, stream) => {
        log.info(line);
        const step = stream === "stdout" ? parsed(line) : undefined;
        if (step) {
          report(inWords(step), step.phase === "fetching" && step.total ? (100 * (step.done ?? 0)) / step.total : undefined);
        } else if (line.trim() !== "") {
          errors.push(line);
        }
      }),
    );
    if (ran === undefined) {
      void vscode.window.showInformationMessage("Remask: stopped. `Remask: Pull Model` goes on from there.");
      return false;
    }
    if (ran.code === 0) {
      void vscode.window.showInformationMessage(`Remask: the model ${model.name} is here.`);
      return true;
    }
    const reason = errors.join(" ").slice(0, 300) || "the log says more";
    const answer = await vscode.window.showErrorMessage(`Remask: the model could not be pulled: ${reason}`, AGAIN, LOG);
    if (answer === LOG) {
      log.show();
    }
    if (answer !== AGAIN) {
      return false;
    }
  }
}

function parsed(line: string): Step | undefined {
  try {
    return JSON.parse(line) as Step;
  } catch {
    return undefined;
  }
}

function inWords({ phase, done = 0, total = 0, source, note }: Step): string {
  const mib = (bytes: number): string => String(Math.round(bytes / 2 ** 20));
  switch (phase) {
    case "waiting":
      return "waiting for another pull of it";
    case "fetching":
      return `${mib(done)} of ${mib(total)} MiB from ${source ?? "?"}`;
    case "checking":
      return "checking it";
    case "failed":
      return `${source ?? "a source"} gave nothing: ${note ?? ""}`;
    case "done":
      return "done";
  }
}
