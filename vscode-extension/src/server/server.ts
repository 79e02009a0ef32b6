/** `remask serve` and the client that speaks with it, from start to end. */
import { setTimeout as pause } from "node:timers/promises";
import * as vscode from "vscode";
import { CloseAction, LanguageClient, State, type Middleware } from "vscode-languageclient/node";
import type { Denoise } from "../denoising/live";
import { COMMANDS, DENOISE_METHOD, STATUS_METHOD, type Status } from "../wire";
import { DoubtsFeature, type Doubts } from "../confidence/feature";
import type { Environment } from "../setup/environment";
import { findCommand } from "./command";
import { Serving } from "./serving";
import { timed } from "./timing";
import { remembering } from "../confidence/accept";

/** Those of documents that the server is shown: files, new files, and what the workspace's folders hold, wherever they lie. */
export function schemes(): string[] {
  const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.scheme);
  return [...new Set(["file", "untitled", ...folders])];
}

const STARTING: Status = { busy: true, kind: "Normal", message: "starting" };
const STOPPED: Status = { busy: false, kind: "Error", message: "the server does not run; the log says more" };
const STOPPING: Status = { busy: true, kind: "Normal", message: "stopping" };
/** What `onMissing` is for says more. */
export const MISSING: Status = { busy: false, kind: "Error", message: "the remask command was not found" };

/** Within VS Code's own patience with extensions when it closes, which is five seconds. */
const ANSWER_MS = 3000;
const LEAVE_MS = 1500;
const STARTED_MS = 30_000; // how long what a user asks for waits for a server that is being started

export class Server implements vscode.Disposable {
  readonly #statuses = new vscode.EventEmitter<Status>();
  readonly onStatus = this.#statuses.event;
  readonly #missing = new vscode.EventEmitter<void>();
  /** There is nothing to start. */
  readonly onMissing = this.#missing.event;
  readonly #denoising = new vscode.EventEmitter<Denoise>();
  readonly onDenoise = this.#denoising.event;
  readonly #doubts = new vscode.EventEmitter<Doubts | undefined>();
  readonly onDoubts = this.#doubts.event;
  /** Carries out what a code action asks for where its result can be reviewed; false: it is not for that. */
  review: (command: string, args: readonly unknown[]) => boolean = () => false;
  #client: LanguageClient | undefined;
  #process: Serving | undefined;
  #shown: readonly string[] = [];
  /** Starts and stops follow one another, however fast they are asked for. */
  #turn: Promise<void> = Promise.resolve();
  #started: Promise<void> = Promise.resolve();

  constructor(
    private readonly own: Environment,
    readonly output: vscode.LogOutputChannel,
  ) {}

  /** The client, if the server runs. */
  get client(): LanguageClient | undefined {
    return this.#client?.state === State.Running ? this.#client : undefined;
  }

  /** The client, once the server runs if it is about to; undefined if it does not, or takes too long. */
  async running(): Promise<LanguageClient | undefined> {
    const waited = new AbortController();
    const started = this.#turn.then(() => this.#started);
    await Promise.race([started, pause(STARTED_MS, undefined, { signal: waited.signal }).catch(() => undefined)]);
    waited.abort();
    return this.client;
  }

  /** Restart it if folders of another kind were added, which it is not shown. */
  async follow(): Promise<void> {
    if (schemes().some((scheme) => !this.#shown.includes(scheme))) {
      await this.restart();
    }
  }

  /** End the server if it runs, look for the command anew, and start it; does not wait until it answers. */
  restart(): Promise<void> {
    return this.#next(async () => {
      await this.#end();
      await this.#start();
    });
  }

  /** End the server if it runs, and say why from then on. */
  stop(why?: Status): Promise<void> {
    return this.#next(async () => {
      await this.#end();
      if (why !== undefined) {
        this.#statuses.fire(why);
      }
    });
  }

  dispose(): void {
    this.#statuses.dispose();
    this.#missing.dispose();
    this.#doubts.dispose();
    this.#denoising.dispose();
  }

  #next(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(work).catch((error: unknown) => this.output.error(String(error)));
    return this.#turn;
  }

  async #start(): Promise<void> {
    const found = await findCommand(this.own);
    if (found === undefined) {
      this.#statuses.fire(MISSING);
      this.#missing.fire();
      return;
    }
    const [command = "remask", ...args] = [...found, "serve"];
    this.#shown = schemes();
    this.output.info(`starting ${[command, ...args].join(" ")}`);
    const serving = new Serving([command, ...args], (line) => this.output.info(line));
    const client: LanguageClient = new LanguageClient("remask", "Remask", serving.start, {
      documentSelector: [...this.#shown.map((scheme) => ({ scheme })), { notebook: "*" }],
      middleware: { ...remembering(timed), executeCommand: (id, args, next) => (this.review(id, args) ? undefined : noticed(id, args, next)) },
      outputChannel: this.output,
      markdown: { isTrusted: { enabledCommands: [COMMANDS.takeAlternative] } },
      initializationOptions: vscode.workspace.getConfiguration("remask"),
      initializationFailedHandler: () => false, // the status says so
      errorHandler: {
        error: (...what) => usual.error(...what),
        closed: () => (this.#client === client ? usual.closed() : { action: CloseAction.DoNotRestart, handled: true }),
      },
    });
    const usual = client.createDefaultErrorHandler();
    this.#client = client;
    this.#process = serving;
    client.onDidChangeState(({ newState }) => {
      if (this.#client === client) {
        setContext("remask.running", newState === State.Running);
        if (newState !== State.Running) {
          this.#statuses.fire(newState === State.Starting ? STARTING : STOPPED);
        }
      }
    });
    client.onNotification(STATUS_METHOD, (status: Status) => this.#statuses.fire(status));
    client.onNotification(DENOISE_METHOD, (canvas: Denoise) => this.#denoising.fire(canvas));
    client.registerFeature(new DoubtsFeature(client, (doubts) => this.#doubts.fire(doubts)));
    // not waited for: a server that never answers must not keep another from being started
    this.#started = client.start().catch((error: unknown) => this.output.error(String(error)));
  }

  async #end(): Promise<void> {
    const client = this.#client;
    if (client === undefined) {
      return;
    }
    this.#client = undefined;
    setContext("remask.running", false);
    this.#statuses.fire(STOPPING);
    const failed = (error: unknown): false => {
      this.output.error(String(error));
      return false;
    };
    const answered = await client.dispose(ANSWER_MS).then(() => true, failed);
    await this.#process?.end(answered ? LEAVE_MS : 0);
  }
}

/** The walkthrough wants to know whether a suggestion was ever accepted. */
const noticed: NonNullable<Middleware["executeCommand"]> = (command, args, next) => {
  if (command === COMMANDS.accepted) {
    setContext("remask.accepted", true);
  }
  return next(command, args);
};

function setContext(key: string, value: boolean): void {
  void vscode.commands.executeCommand("setContext", key, value);
}
