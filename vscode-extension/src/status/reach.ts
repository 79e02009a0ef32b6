/** Documents that the server is not shown, and why there is nothing in them. */
import * as vscode from "vscode";
import { schemes } from "../server/server";

/** The scheme of a notebook's cells. */
export const CELL = "vscode-notebook-cell";
/** That of a cell's copy, which a rewrite of it is shown in. */
export const COPY = "remask-cell";

/** Why there is nothing in the active editor; undefined if that is up to the server. */
export function unreached(): string | undefined {
  const scheme = vscode.window.activeTextEditor?.document.uri.scheme;
  if (scheme === undefined || scheme === CELL || scheme === COPY || schemes().includes(scheme)) {
    return undefined;
  }
  return `silent here: only files, new files and cells are completed, and this is “${scheme}”`;
}
