/** Accepts a word or a line of our ghost text up to its first doubtful token, and a line with the next one's indentation. */
import * as vscode from "vscode";
import type { Middleware } from "vscode-languageclient";
import { lineOf, upToDoubt, type Part } from "./parts";

const NATIVE: Record<Part, string> = {
  word: "editor.action.inlineSuggest.acceptNextWord",
  line: "editor.action.inlineSuggest.acceptNextLine",
};

/** What was offered last, at `offset`. */
interface Offered {
  readonly uri: string;
  readonly offset: number;
  readonly text: string;
  /** The text, cut by the server before each doubtful token; empty if there is none. */
  readonly cut: readonly string[];
}
let offered: readonly Offered[] = [];

/** `inner`, and what is answered is remembered. */
export function remembering(inner: Middleware): Middleware {
  return {
    ...inner,
    provideInlineCompletionItems: async (document, position, context, token, next) => {
      const asked = () => next(document, position, context, token);
      const found = await (inner.provideInlineCompletionItems?.(document, position, context, token, next) ?? asked());
      if (found !== null && found !== undefined && !token.isCancellationRequested) {
        const items = Array.isArray(found) ? found : found.items;
        const at = { uri: document.uri.toString(), offset: document.offsetAt(position) };
        offered = items.flatMap((item) => {
          const cut: unknown = item.command?.arguments?.[1];
          const text = item.insertText;
          return typeof text === "string" ? [{ ...at, text, cut: Array.isArray(cut) ? cut : [] }] : [];
        });
      }
      return found;
    },
  };
}

/** The editor's own word or line, unless a doubtful token lies within it; a line with the next one's indentation. */
export async function acceptPart(part: Part): Promise<void> {
  const shown = underWay();
  const pieces = new Set(shown.map(({ text, cut, typed }) => upToDoubt(cut, typed, text.slice(typed), part)));
  const [sure] = pieces.size === 1 ? pieces : []; // which of several is shown only the editor knows
  await (sure === undefined ? vscode.commands.executeCommand(NATIVE[part]) : compose(sure));
  if (part === "line") {
    await indent(shown);
  }
}

/** What is offered that what stands at the cursor begins. */
function underWay(): readonly (Offered & { readonly typed: number })[] {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined || !editor.selection.isEmpty || editor.selections.length > 1) {
    return [];
  }
  const uri = editor.document.uri.toString();
  const now = editor.document.offsetAt(editor.selection.active);
  return offered
    .filter((each) => each.uri === uri && each.offset <= now && now < each.offset + each.text.length)
    .map((each) => ({ ...each, typed: now - each.offset }))
    .filter(({ offset, text, typed }) => stands(text.slice(0, typed), offset));
}

/** Behind a line that was accepted: where ghost text begins with indentation, the Tab key indents and takes nothing. */
async function indent(shown: ReturnType<typeof underWay>): Promise<void> {
  for (const { text, typed, offset } of shown) {
    const { line, indentation } = lineOf(text, typed) ?? {};
    if (line !== undefined && indentation && stands(line, offset)) {
      await compose(indentation);
      return;
    }
  }
}

/** Whether the active document has this text there. */
function stands(text: string, offset: number): boolean {
  const document = vscode.window.activeTextEditor?.document;
  const at = (where: number): vscode.Position | undefined => document?.positionAt(where);
  const [start, end] = [at(offset), at(offset + text.length)];
  return start !== undefined && end !== undefined && document?.getText(new vscode.Range(start, end)) === text;
}

/** Type `text` as composed: edits of extensions end ghost text, and what is typed is indented and its brackets closed. */
async function compose(text: string): Promise<void> {
  await vscode.commands.executeCommand("compositionType", { text, replacePrevCharCnt: 0, replaceNextCharCnt: 0, positionDelta: 0 });
}
