import { apply, type Change } from "./apply";

export type Cursor = string | number;
export type Status = "connecting" | "live" | "lost";
/** What is known of a topic: nothing yet, its state, or why the server refuses it. */
export type Topic = { state: unknown; cursor: Cursor | null; refusal: string };

/** Somebody else who has the same flow open. */
export type Person = {
  id: string;
  name: string;
  /** Oneself, at another page. */
  you: boolean;
  chosen: readonly string[];
};

type Message = {
  people?: Person[];
  topic?: string;
  type?: string;
  cursor?: Cursor;
  state?: unknown;
  changes?: Change[];
  message?: string;
  detail?: string;
};

type Socket = Pick<WebSocket, "send" | "close" | "readyState"> & {
  onopen: ((event: Event) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  onmessage: ((event: MessageEvent<string>) => void) | null;
};

export type Options = {
  open: () => Socket;
  /** Between 0 and 1, for the spread of reconnects. */
  chance?: () => number;
  /** How long a topic without listeners stays subscribed, so that a change of page does not fetch it again. */
  lingerMs?: number;
};

const FIRST_DELAY = 400;
const LAST_DELAY = 15_000;
const empty: Topic = { state: undefined, cursor: null, refusal: "" };

type Entry = {
  topic: Topic;
  listeners: Set<() => void>;
  leaving: ReturnType<typeof setTimeout> | undefined;
  people: readonly Person[];
  /** What of it is chosen here; null while one only watches. */
  chosen: readonly string[] | null;
};

const NOBODY: readonly Person[] = [];

/**
 * One websocket for all live topics of a page. Each topic's state is the last snapshot with every later delta applied
 * in order; after a break it resubscribes with its cursor, so nothing is skipped and nothing applied twice.
 */
export class LiveClient {
  private readonly entries = new Map<string, Entry>();
  private readonly watchers = new Set<() => void>();
  private socket: Socket | null = null;
  private opened = false;
  private tries = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly chance: () => number;
  private readonly lingerMs: number;
  status: Status = "connecting";
  /** When the connection was lost, in milliseconds; null while it is not. */
  lostAt: number | null = null;

  constructor(private readonly options: Options) {
    this.chance = options.chance ?? Math.random;
    this.lingerMs = options.lingerMs ?? 3_000;
  }

  /** Calls `listener` whenever the topic's state or refusal changes. Returns how to stop. */
  listen(name: string, listener: () => void): () => void {
    let entry = this.entries.get(name);
    if (!entry) {
      entry = { topic: empty, listeners: new Set(), leaving: undefined, people: NOBODY, chosen: null };
      this.entries.set(name, entry);
      this.ask(name, entry);
    }
    clearTimeout(entry.leaving);
    entry.listeners.add(listener);
    const held = entry;
    return () => {
      held.listeners.delete(listener);
      if (held.listeners.size === 0) held.leaving = setTimeout(() => this.leave(name), this.lingerMs);
    };
  }

  /** What is known of the topic now; the same object until it changes. */
  read(name: string): Topic {
    return this.entries.get(name)?.topic ?? empty;
  }

  /** Who else has the topic's flow open; the same list until it changes. */
  people(name: string): readonly Person[] {
    return this.entries.get(name)?.people ?? NOBODY;
  }

  /** Lets the others know that one has the flow open, with these steps chosen; null: no more. The topic is listened to. */
  present(name: string, chosen: readonly string[] | null): void {
    const entry = this.entries.get(name);
    if (!entry || (chosen === null && entry.chosen === null)) return;
    entry.chosen = chosen;
    if (this.opened) this.socket?.send(JSON.stringify({ present: name, chosen }));
  }

  /** Calls `watcher` whenever the connection is made or lost. Returns how to stop. */
  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  /** Tries at once instead of waiting for the next turn; for when the network is back or the tab is seen again. */
  wake(): void {
    if (this.socket || this.entries.size === 0) return;
    clearTimeout(this.timer);
    this.connect();
  }

  private leave(name: string): void {
    this.entries.delete(name);
    if (this.opened) this.socket?.send(JSON.stringify({ unsubscribe: name }));
    if (this.entries.size > 0) return;
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    this.opened = false;
    this.become("connecting");
    socket?.close();
  }

  private ask(name: string, entry: Entry): void {
    if (!this.socket) this.wake();
    if (!this.socket || !this.opened) return;
    const { cursor } = entry.topic;
    this.socket.send(JSON.stringify(cursor === null ? { subscribe: name } : { subscribe: name, after: cursor }));
    if (entry.chosen) this.socket.send(JSON.stringify({ present: name, chosen: entry.chosen }));
  }

  private connect(): void {
    const socket = this.options.open();
    this.socket = socket;
    socket.onopen = () => {
      if (this.socket !== socket) return;
      this.opened = true;
      this.tries = 0;
      this.become("live");
      for (const [name, entry] of this.entries) this.ask(name, entry);
    };
    socket.onmessage = (event) => {
      if (this.socket === socket) this.receive(event.data);
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.socket = null;
      this.opened = false;
      for (const entry of this.entries.values()) this.meet(entry, NOBODY);
      this.become("lost");
      const ceiling = Math.min(LAST_DELAY, FIRST_DELAY * 2 ** this.tries++);
      this.timer = setTimeout(() => this.wake(), ceiling * (0.5 + this.chance() / 2));
    };
  }

  private receive(data: string): void {
    let message: Message;
    try {
      message = JSON.parse(data) as Message;
    } catch {
      return;
    }
    const entry = message.topic === undefined ? undefined : this.entries.get(message.topic);
    if (!entry) return;
    if (message.type === "people") {
      this.meet(entry, message.people ?? NOBODY);
      return;
    }
    const next = advance(entry.topic, message);
    if (next === entry.topic) return;
    entry.topic = next;
    for (const each of [...entry.listeners]) each();
  }

  private meet(entry: Entry, people: readonly Person[]): void {
    if (people.length === 0 && entry.people.length === 0) return;
    entry.people = people;
    for (const each of [...entry.listeners]) each();
  }

  private become(status: Status): void {
    if (status === this.status) return;
    this.status = status;
    this.lostAt = status === "lost" ? (this.lostAt ?? Date.now()) : null;
    for (const each of [...this.watchers]) each();
  }
}

/** The topic after one message; the same object when the message says nothing new. */
export function advance(topic: Topic, message: Message): Topic {
  const { type, cursor } = message;
  if (type === "snapshot" && cursor !== undefined) return { state: message.state, cursor, refusal: "" };
  if (type === "delta" && cursor !== undefined && topic.cursor !== null) {
    if (typeof cursor === "number" && typeof topic.cursor === "number" && cursor <= topic.cursor) return topic;
    return { ...topic, cursor, state: apply(topic.state, message.changes ?? []) };
  }
  if (type === "error") return { ...topic, refusal: message.message ?? message.detail ?? "This cannot be watched." };
  return topic;
}
