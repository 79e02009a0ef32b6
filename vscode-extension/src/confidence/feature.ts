/** What the client says it can do with doubts, and what the server then tells of them. */
import * as vscode from "vscode";
import type { ClientCapabilities, FeatureState, Range, StaticFeature } from "vscode-languageclient";
import type { LanguageClient } from "vscode-languageclient/node";
import { DOUBTS_METHOD } from "../wire";

/** `remask/doubts`: all doubtful tokens of a document's version. */
interface Told {
  readonly uri: string;
  readonly version: number;
  readonly doubts: readonly { readonly range: Range }[];
}

export interface Doubts {
  readonly uri: vscode.Uri;
  readonly version: number;
  readonly ranges: readonly vscode.Range[];
}

export class DoubtsFeature implements StaticFeature {
  constructor(
    private readonly client: LanguageClient,
    /** Gets undefined when the server that knew of doubts is gone. */
    private readonly show: (doubts: Doubts | undefined) => void,
  ) {}

  fillClientCapabilities(capabilities: ClientCapabilities): void {
    const ours = { remaskDoubts: true, remaskCommandLinks: true, remaskStatus: true, remaskReview: true };
    capabilities.experimental = { ...capabilities.experimental, ...ours };
  }

  initialize(): void {
    const { protocol2CodeConverter: converter } = this.client;
    this.client.onNotification(DOUBTS_METHOD, ({ uri, version, doubts }: Told) => {
      this.show({ uri: converter.asUri(uri), version, ranges: doubts.map(({ range }) => converter.asRange(range)) });
    });
  }

  getState(): FeatureState {
    return { kind: "static" };
  }

  clear(): void {
    this.show(undefined);
  }
}
