/** Autosave: one save at a time, nothing lost. A draft that moved on is merged node by node, or asked about. */

import { ApiError } from "@/api/errors";
import type { Issue } from "@/graph/check";
import { type Graph, isRecord, readGraph, sameGraph } from "@/graph/document";
import { type Choices, type Merged, merge, type Side } from "@/graph/merge";
import type { Backup } from "./backup";

export type SaveState =
  | { readonly kind: "saved" }
  | { readonly kind: "dirty" }
  | { readonly kind: "saving" }
  | { readonly kind: "offline"; readonly message: string }
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "conflict"; readonly merged: Merged; readonly who: string };

export interface Draft {
  readonly graph: Graph;
  readonly revision: number;
}

export interface SaverPorts {
  readonly put: (graph: Graph, revision: number) => Promise<{ revision: number; issues: readonly Issue[] }>;
  readonly onState: (state: SaveState) => void;
  readonly onIssues: (issues: readonly Issue[]) => void;
  /** Somebody else's changes were joined with these: the graph to show now, and how they join into any other. */
  readonly onMerged: (graph: Graph, who: string, into: (graph: Graph) => Graph) => void;
  /** The draft as the server has it now, and who saved it. */
  readonly get?: () => Promise<Draft & { readonly who: string }>;
  readonly backup: { write: (backup: Backup) => boolean; clear: () => void };
  readonly wait?: number;
}

const RETRY = [2_000, 4_000, 8_000, 15_000, 30_000];

function theirsOf(error: ApiError): { draft: Draft; who: string } | null {
  const outer = error.problem.theirs;
  const inner = isRecord(outer) && isRecord(outer.theirs) ? outer.theirs : outer;
  if (!isRecord(inner) || typeof inner.revision !== "number") return null;
  const by = isRecord(inner.saved_by) ? String(inner.saved_by.name || inner.saved_by.email || "") : "";
  return { draft: { graph: readGraph(inner.graph), revision: inner.revision }, who: by || "Somebody else" };
}

export class Saver {
  private base: Draft;
  private current: Graph;
  private state: SaveState = { kind: "saved" };
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | null = null;
  private failures = 0;
  private pulling = false;
  /** What both started from, while a conflict is not settled. */
  private from: Draft | null = null;
  private into: (graph: Graph) => Graph = (graph) => graph;
  private readonly ports: SaverPorts;

  constructor(draft: Draft, ports: SaverPorts) {
    this.base = draft;
    this.current = draft.graph;
    this.ports = ports;
  }

  get revision(): number {
    return this.base.revision;
  }

  get unsaved(): boolean {
    return this.current !== this.base.graph && !sameGraph(this.current, this.base.graph);
  }

  /** The graph as it is drawn now. Saves after a short rest. */
  change(graph: Graph): void {
    this.current = graph;
    if (this.from) {
      // What is drawn while one is asked is part of the question.
      this.weigh(this.from, this.base, this.state.kind === "conflict" ? this.state.who : "Somebody else");
      return;
    }
    if (!this.unsaved) {
      clearTimeout(this.timer);
      if (!this.running) this.settle();
      return;
    }
    this.keep();
    if (this.state.kind !== "saving" && this.state.kind !== "offline") this.tell({ kind: "dirty" });
    this.schedule(this.ports.wait ?? 600);
  }

  /** Starts from changes that were made before and not saved: from a backup. */
  resume(backup: Backup, server: Draft): void {
    this.base = { graph: backup.base, revision: backup.revision };
    this.current = backup.graph;
    if (server.revision === backup.revision) {
      this.base = server;
      this.change(backup.graph);
    } else this.meet(server, "Somebody else");
  }

  /** Saves what is not saved, now. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    await this.running;
    if (this.unsaved && this.state.kind !== "conflict") await this.start();
    await this.running;
  }

  /** Somebody else has saved this revision: joins with it at once, so that both see the same. */
  async pull(revision: number): Promise<void> {
    await this.running;
    const { get } = this.ports;
    if (!get || revision <= this.base.revision || this.pulling || this.state.kind === "conflict") return;
    this.pulling = true;
    try {
      const { who, ...theirs } = await get();
      await this.running;
      if (theirs.revision > this.base.revision && this.kindOfState() !== "conflict") this.meet(theirs, who);
    } catch {
      // The next save meets it.
    } finally {
      this.pulling = false;
    }
  }

  private kindOfState(): SaveState["kind"] {
    return this.state.kind;
  }

  /** Settles a conflict: each clash goes to the side that was chosen for it, the rest of both stays. */
  resolve(choice: Side | Choices): void {
    if (this.state.kind !== "conflict") return;
    const { merged, who } = this.state;
    const settled = typeof choice === "string" ? merged[choice] : merged.choose(choice);
    this.from = null;
    this.tell({ kind: "dirty" });
    this.current = settled;
    this.ports.onMerged(settled, who, this.into);
    this.change(settled);
  }

  /** A refusal that brings what somebody else saved meanwhile: joins it, and gives who that was. */
  learn(refusal: ApiError): string {
    const theirs = theirsOf(refusal);
    if (!theirs || theirs.draft.revision === this.base.revision) return "";
    this.meet(theirs.draft, theirs.who);
    return theirs.who;
  }

  dispose(): void {
    clearTimeout(this.timer);
  }

  private schedule(wait: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.start(), wait);
  }

  private start(): Promise<void> {
    this.running ??= this.save().finally(() => {
      this.running = null;
      const { kind } = this.state;
      if (this.unsaved && (kind === "saved" || kind === "saving" || kind === "dirty"))
        this.schedule(this.ports.wait ?? 600);
    });
    return this.running;
  }

  private async save(): Promise<void> {
    const { current, base } = this;
    if (!this.unsaved || this.state.kind === "conflict") return;
    this.tell({ kind: "saving" });
    try {
      const answer = await this.ports.put(current, base.revision);
      this.base = { graph: current, revision: answer.revision };
      this.failures = 0;
      this.ports.onIssues(answer.issues);
      if (this.unsaved) this.tell({ kind: "dirty" });
      else this.settle();
    } catch (reason) {
      this.fail(reason);
    }
  }

  private fail(reason: unknown): void {
    const error = reason instanceof ApiError ? reason : null;
    const theirs = error?.status === 409 ? theirsOf(error) : null;
    if (theirs) {
      this.meet(theirs.draft, theirs.who);
      return;
    }
    const message = reason instanceof Error ? reason.message : String(reason);
    if (error && error.status >= 400 && error.status < 500 && error.status !== 429) {
      this.tell({ kind: "refused", message });
      return;
    }
    this.tell({ kind: "offline", message });
    this.schedule(RETRY[Math.min(this.failures, RETRY.length - 1)] ?? 30_000);
    this.failures += 1;
  }

  /** Joins with what the server has now. */
  private meet(theirs: Draft, who: string): void {
    const from = this.base;
    this.base = theirs;
    this.weigh(from, theirs, who);
  }

  private weigh(from: Draft, theirs: Draft, who: string): void {
    const merged = merge(from.graph, this.current, theirs.graph);
    this.into = (graph) => merge(from.graph, graph, theirs.graph).mine;
    this.from = merged.clashes.length ? from : null;
    if (this.from) {
      this.tell({ kind: "conflict", merged, who });
      this.keep();
      return;
    }
    this.current = merged.mine;
    this.ports.onMerged(merged.mine, who, this.into);
    if (this.unsaved) {
      this.tell({ kind: "dirty" });
      this.keep();
      this.schedule(0);
    } else this.settle();
  }

  private settle(): void {
    this.ports.backup.clear();
    this.tell({ kind: "saved" });
  }

  /** While one is asked, what both started from is kept: after a reload the same is asked again, and nothing taken over. */
  private keep(): void {
    const { graph: base, revision } = this.from ?? this.base;
    this.ports.backup.write({ graph: this.current, base, revision });
  }

  private tell(state: SaveState): void {
    this.state = state;
    this.ports.onState(state);
  }
}
