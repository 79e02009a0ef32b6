/** Accepts a word or a line of our ghost text up to its first doubtful token, which the server cuts the text before. */
import * as vscode from "vscode";
import type { Middleware } from "vscode-languageclient";
import { upToDoubt, type Part } from "./parts";

const NATIVE: Record<Part, string> = {
  word: "editor.action.inlineSuggest.acceptNextWord",
  line: "editor.action.inlineSuggest.acceptNextLine",
};

/** What was offered last, at `offset`. */
interface Offered {
  readonly uri: string;
  readonly offset: number;
  readonly text: string;
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
          return typeof item.insertText === "string" && Array.isArray(cut) ? [{ ...at, text: item.insertText, cut }] : [];
        });
      }
      return found;
    },
  };
}

/** The editor's own word or line, unless a doubtful token lies within it. */
export async function acceptPart(part: Part): Promise<void> {
  const sure = certain(part);
  if (sure === undefined) {
    await vscode.commands.executeCommand(NATIVE[part]);
  } else {
    // as composed: edits of extensions end ghost text, and what is typed is indented and its brackets closed
    const around = { replacePrevCharCnt: 0, replaceNextCharCnt: 0, positionDelta: 0 };
    await vscode.commands.executeCommand("compositionType", { text: sure, ...around });
  }
}

function certain(part: Part): string | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined || !editor.selection.isEmpty || editor.selections.length > 1) {
    return undefined;
  }
  const { document, selection } = editor;
  const now = document.offsetAt(selection.active);
  for (const { uri, offset, text, cut } of offered) {
    const typed = now - offset;
    if (uri !== document.uri.toString() || typed < 0 || typed >= text.length) {
      continue;
    }
    const written = document.getText(new vscode.Range(document.positionAt(offset), selection.active));
    if (text.startsWith(written)) {
      return upToDoubt(cut, typed, text.slice(typed), part);
    }
  }
  return undefined;
}
