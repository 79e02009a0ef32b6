/** What is agreed with the server. `wire.json` is compared with the server's own words by a test. */
import wire from "./wire.json";

export const COMMANDS = wire.commands;
export const STATUS_METHOD = wire.status;
export const DOUBTS_METHOD = wire.doubts;
export const NEXT_EDIT_METHOD = wire.nextEdit;
export const DENOISE_METHOD = wire.denoise;
const SILENCES: Readonly<Record<string, string>> = wire.silences;

/** `didChangeStatus`; an `Inactive` status has no message, only a silence. */
export interface Status {
  readonly busy: boolean;
  readonly kind: "Normal" | "Warning" | "Error" | "Inactive";
  readonly message?: string;
  readonly silence?: string;
  /** The host that code is sent to, if it leaves this machine. */
  readonly remote?: string;
}

/** What a status says to a person; empty when all is well. */
export function words(status: Status): string {
  return status.message || (status.silence === undefined ? "" : (SILENCES[status.silence] ?? status.silence));
}
