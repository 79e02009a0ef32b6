/** From nothing to suggestions: an environment, then a model, each only if the user says so. */
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import * as vscode from "vscode";
import { chooseCommand, findCommand, isSet } from "../server/command";
import { MISSING, type Server } from "../server/server";
import { COMMANDS, type Status } from "../wire";
import { Environment, SetUpFailed } from "./environment";
import { models, offerModel, pickModel } from "./models";
import { watched } from "./progress";

const SET_UP = "Set Up";
const CHOOSE = "Choose…";
const ANEW = "Install Anew";
const AGAIN = "Try Again";
const LOG = "Open Log";
const DOCTOR = "Doctor";
const SETTINGS = "Open Settings";
const ROOM = "4 GB of disk";
const BEGUN: Status = { busy: true, kind: "Normal", message: "being set up" };
const GIVEN_UP: Status = { busy: false, kind: "Warning", message: "not set up" };

export class SetUp {
  #offered = false;
  readonly #shown = new Set<string>();
  #busy = false;

  constructor(
    private readonly server: Server,
    private readonly environment: Environment,
    /** Where all that the installers say is kept. */
    private readonly log: vscode.Uri,
    private readonly output: vscode.LogOutputChannel,
    /** What comes with the extension to be installed. */
    private readonly wheel: string | undefined,
  ) {}

  /** There is no `remask`: say so, and offer to get it. */
  async missing(): Promise<void> {
    if (isSet()) {
      const text = "Remask: there is no `remask` command where the setting remask.command says.";
      const answer = await vscode.window.showErrorMessage(text, CHOOSE, SETTINGS);
      await (answer === SETTINGS ? openSettings("remask.command") : answer === CHOOSE ? chooseCommand() : undefined);
    } else {
      await this.#consent("there is no `remask` command in the Python environment or on the PATH.");
    }
  }

  /** What was once installed came with another version of the extension: offer to install what comes with this one. */
  async outdated(): Promise<void> {
    const there = this.environment.requirement;
    if (there === undefined || this.wheel === undefined || isSet() || named() || basename(there) === basename(this.wheel)) {
      return;
    }
    const text = `Remask: its own environment has ${basename(there)}, and this extension brings ${basename(this.wheel)}.`;
    const answer = await vscode.window.showInformationMessage(text, ANEW);
    await (answer === ANEW ? this.#build() : undefined);
  }

  /** Set up what is missing; what is there can be installed anew. */
  async run(): Promise<void> {
    const command = await findCommand(this.environment);
    const found = command && (await models(command));
    const own = command?.[0] === this.environment.command?.[0];
    if (found === undefined) {
      await this.#consent(command && !own ? `${command.join(" ")} does not run.` : "it is not installed yet.");
    } else if (!found.some(({ installed }) => installed)) {
      await this.pullModel();
    } else {
      const text = own ? "Remask is set up, in an environment of its own." : `Remask is set up: ${command?.join(" ")}.`;
      const answer = await vscode.window.showInformationMessage(text, ...(own ? [ANEW] : []));
      await (answer === ANEW ? this.#build() : undefined);
    }
  }

  /** The server said how it is: offer what it lacks, and show what is wrong, each once. */
  async told({ kind, message = "", silence }: Status): Promise<void> {
    if (silence === "model-missing" || message.includes("`remask pull")) {
      if (!this.#offered) {
        this.#offered = true;
        await this.pullModel();
      }
    } else if (kind === "Error" && message !== "" && message !== MISSING.message && !this.#shown.has(message)) {
      this.#shown.add(message);
      const answer = await vscode.window.showErrorMessage(`Remask: ${message}`, DOCTOR, LOG);
      await (answer && vscode.commands.executeCommand(answer === DOCTOR ? "remask.doctor" : "remask.openLog"));
    }
  }

  pullModel(): Promise<void> {
    return this.#model(offerModel);
  }

  pickModel(): Promise<void> {
    return this.#model(pickModel);
  }

  async #model(get: typeof offerModel): Promise<void> {
    const command = await findCommand(this.environment);
    if (command === undefined) {
      await this.missing();
    } else if (await get(command, this.output)) {
      await this.server.client?.sendRequest("workspace/executeCommand", { command: COMMANDS.restartEngine });
    }
  }

  async #consent(why: string): Promise<void> {
    const what = `It takes ${ROOM}, most of it PyTorch, in a folder of this extension; nothing else is changed.`;
    const question = `Remask: ${why} Download it with pip into a private Python environment? ${what}`;
    const answer = await vscode.window.showInformationMessage(question, SET_UP, CHOOSE);
    await (answer === SET_UP ? this.#build() : answer === CHOOSE ? chooseCommand() : undefined);
  }

  async #build(): Promise<void> {
    if (this.#busy) {
      return;
    }
    this.#busy = true;
    let done;
    try {
      await this.server.stop(BEGUN); // it may run from what is replaced
      done = await this.#watchedBuild();
    } catch (error) {
      void this.server.stop(GIVEN_UP);
      void this.#failed(error instanceof SetUpFailed ? error : new SetUpFailed(String(error), "The log says more."));
      return;
    } finally {
      this.#busy = false;
    }
    if (done === undefined) {
      void this.server.stop(GIVEN_UP);
      void vscode.window.showInformationMessage("Remask: stopped. `Remask: Set Up` begins anew.");
      return;
    }
    await this.server.restart();
    if (isSet()) {
      const text = "Remask: installed, but the setting remask.command names another, which is used.";
      const answer = await vscode.window.showWarningMessage(text, SETTINGS);
      await (answer === SETTINGS ? openSettings("remask.command") : undefined);
    } else {
      this.#offered = true;
      await this.pullModel();
    }
  }

  async #watchedBuild(): Promise<true | undefined> {
    const requirement = named() || this.wheel;
    if (requirement === undefined) {
      throw new SetUpFailed("this extension was packed without Remask itself", "Name a wheel or a clone in the setting remask.package.");
    }
    mkdirSync(vscode.Uri.joinPath(this.log, "..").fsPath, { recursive: true });
    writeFileSync(this.log.fsPath, `${new Date().toISOString()} ${requirement} into ${this.environment.folder}\n`);
    return watched("Remask: setting up", async (signal, report) => {
      const line = (text: string): void => appendFileSync(this.log.fsPath, `${text}\n`);
      await this.environment.build(requirement, { signal, step: report, line });
      return true as const;
    });
  }

  async #failed(error: SetUpFailed): Promise<void> {
    this.output.error(error.message);
    const answer = await vscode.window.showErrorMessage(`Remask: ${error.message}. ${error.remedy}`, AGAIN, LOG, SETTINGS);
    if (answer === AGAIN) {
      await this.#build();
    } else if (answer === LOG) {
      await vscode.window.showTextDocument(this.log);
    } else if (answer === SETTINGS) {
      await openSettings("remask.package");
    }
  }
}

/** What the user wants installed; empty: what comes with the extension. */
function named(): string {
  return vscode.workspace.getConfiguration("remask").get<string>("package", "").trim();
}

function openSettings(id: string): Thenable<unknown> {
  return vscode.commands.executeCommand("workbench.action.openSettings", id);
}
