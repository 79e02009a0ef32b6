/** The commands that rewrite: each makes an order and has it shown. */
import * as vscode from "vscode";
import type { Range } from "vscode-languageclient";
import type { Server } from "../server/server";
import { COMMANDS } from "../wire";
import type { Inline } from "./inline";
import { aside, chosen, chosenWhole } from "./place";
import { PRESETS, type Preset } from "./presets";
import { askLock, askStrength, askWords } from "./questions";

const NOTHING = "Remask: nothing is selected to rewrite.";
type Run = (inline: Inline, editor: vscode.TextEditor) => Promise<void>;

/** By id. */
export const REWRITES: Readonly<Record<string, Run>> = {
  "remask.rewriteSelection": rewriteSelection,
  "remask.fixDiagnostic": fixDiagnostic,
  "remask.translate": translate,
  "remask.fillAllHoles": fillAllHoles,
  ...Object.fromEntries(Object.entries(PRESETS).map(([id, preset]) => [id, ofPreset(preset)])),
};

/** What can be done while one is denoised or reviewed, by id; a hunk's own actions are given its number. */
export function reviewing(inline: Inline): Record<string, (index?: number) => unknown> {
  return {
    "remask.cancelRewrite": () => inline.cancel(),
    "remask.takeRewrite": () => inline.take(),
    "remask.acceptRewrite": () => inline.decideAll("accepted"),
    "remask.rejectRewrite": () => inline.decideAll("rejected"),
    "remask.rerollRewrite": () => inline.reroll(),
    "remask.acceptHunk": (index) => inline.decide("accepted", index),
    "remask.rejectHunk": (index) => inline.decide("rejected", index),
    "remask.reopenHunk": (index) => inline.decide("open", index),
    "remask.nextHunk": () => inline.go(1),
    "remask.previousHunk": () => inline.go(-1),
  };
}

const TITLES: Readonly<Record<string, string>> = {
  [COMMANDS.rewrite]: "Rewrite",
  [COMMANDS.fillBody]: "Fill this body",
  [COMMANDS.fillHoles]: "Fill holes",
};

/** What a code action asks the server for, as an order to be reviewed; false if it is something else. */
export function reviewAction(server: Server, inline: Inline, command: string, [asked]: readonly unknown[]): boolean {
  const title = TITLES[command];
  const { uri, range } = (asked ?? {}) as { uri?: string; range?: Range };
  const document = vscode.workspace.textDocuments.find((each) => server.client?.code2ProtocolConverter.asUri(each.uri) === uri);
  if (title === undefined || document === undefined || server.client === undefined) {
    return false;
  }
  const place = range && { range: server.client.protocol2CodeConverter.asRange(range) };
  void inline.show({ title, command, document, seed: 0, ...place });
  return true;
}

function ofPreset(preset: Preset): Run {
  return async (inline, editor) => {
    const range = preset.aside ? chosenWhole(editor) : chosen(editor);
    if (range === undefined) {
      void vscode.window.showInformationMessage(NOTHING);
    } else if (preset.aside) {
      await rewriteAside(inline, editor, range, editor.document.languageId, preset);
    } else {
      await inline.show({ ...rewrite(editor.document, range, preset.title), task: preset.task });
    }
  };
}

async function rewriteSelection(inline: Inline, editor: vscode.TextEditor): Promise<void> {
  const range = chosen(editor);
  if (range === undefined) {
    void vscode.window.showInformationMessage(NOTHING);
    return;
  }
  const instruction = await askWords();
  if (instruction === undefined) {
    return;
  }
  const order = rewrite(editor.document, range, instruction || "Rewrite");
  if (instruction) {
    await inline.show({ ...order, instruction });
    return;
  }
  const strength = await askStrength(editor.document);
  const lock = strength === undefined ? undefined : await askLock();
  if (strength !== undefined && lock !== undefined) {
    await inline.show({ ...order, strength, lock });
  }
}

async function fixDiagnostic(inline: Inline, { document, selection }: vscode.TextEditor): Promise<void> {
  const here = document.validateRange(new vscode.Range(selection.start.line, 0, selection.end.line, Number.MAX_SAFE_INTEGER));
  const [worst] = vscode.languages
    .getDiagnostics(document.uri)
    .filter(({ range }) => range.intersection(here) !== undefined)
    .sort((one, other) => one.severity - other.severity);
  if (worst === undefined) {
    void vscode.window.showInformationMessage("Remask: there is no diagnostic on this line to fix.");
    return;
  }
  const lines = new vscode.Range(worst.range.start.line, 0, worst.range.end.line, Number.MAX_SAFE_INTEGER);
  const range = document.validateRange(worst.range.isEmpty ? lines : worst.range);
  await inline.show({ ...rewrite(document, range, "Fix this diagnostic"), task: "fix", instruction: worst.message });
}

async function translate(inline: Inline, editor: vscode.TextEditor): Promise<void> {
  const range = chosenWhole(editor);
  if (range === undefined) {
    void vscode.window.showInformationMessage(NOTHING);
    return;
  }
  const known = (await vscode.languages.getLanguages()).filter((id) => id !== editor.document.languageId);
  const language = await vscode.window.showQuickPick(known.sort(), { title: "Translate to which language?" });
  if (language !== undefined) {
    await rewriteAside(inline, editor, range, language, { title: `Translate to ${language}`, task: "translate" });
  }
}

async function fillAllHoles(inline: Inline, { document }: vscode.TextEditor): Promise<void> {
  await inline.show({ title: "Fill all holes", command: COMMANDS.fillHoles, document, seed: 0 });
}

async function rewriteAside(
  inline: Inline,
  editor: vscode.TextEditor,
  range: vscode.Range,
  language: string,
  { title, task }: Preset,
): Promise<void> {
  const document = await aside(editor, range, language);
  const whole = new vscode.Range(document.positionAt(0), document.positionAt(document.getText().length));
  await inline.show({ ...rewrite(document, whole, title), task, source: editor.document.languageId });
}

function rewrite(document: vscode.TextDocument, range: vscode.Range, title: string) {
  return { title, command: COMMANDS.rewrite, document, range, seed: 0 };
}
