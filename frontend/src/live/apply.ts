/** One change of a live state, as the server sends it. */
export type Change = { op: "set" | "add" | "remove"; path: readonly (string | number)[]; value?: unknown };

type Branch = Record<string, unknown> | readonly unknown[];

const isBranch = (value: unknown): value is Branch => typeof value === "object" && value !== null;

/**
 * The state after the changes, in order. The old state is left as it was, and branches that no change touches are the
 * same objects in both, so that a selector can tell by identity whether its part moved. A branch is copied once however
 * many of the changes touch it: the copies of this call are its `own`, and are written in place.
 */
export function apply<State>(state: State, changes: readonly Change[]): State {
  const own = new Set<Branch>();
  let next: unknown = state;
  for (const change of changes) next = step(next, change, 0, own);
  return next as State;
}

function step(here: unknown, change: Change, depth: number, own: Set<Branch>): unknown {
  const key = change.path[depth];
  if (key === undefined) return leaf(here, change);
  const before = isBranch(here) ? read(here, key) : undefined;
  if (change.op === "remove") {
    if (!isBranch(here) || !has(here, key)) return here;
    if (depth === change.path.length - 1) return without(here, key);
    const after = step(before, change, depth + 1, own);
    return after === before ? here : write(here, key, after, own);
  }
  return write(isBranch(here) ? here : {}, key, step(before, change, depth + 1, own), own);
}

/** What stands at the end of the path. `add` appends to a list, adds to a number, and starts either from nothing. */
function leaf(here: unknown, { op, value }: Change): unknown {
  if (op === "set") return value;
  if (op === "remove") return undefined;
  if (Array.isArray(here)) return [...here, value];
  if (typeof value === "number") return (typeof here === "number" ? here : 0) + value;
  return [value];
}

// Own keys only: "__proto__" or "constructor" may be an id like any other.
const has = (here: Branch, key: string | number) => Object.hasOwn(here, key);
const read = (here: Branch, key: string | number) => (has(here, key) ? Reflect.get(here, key) : undefined);

function write(here: Branch, key: string | number, value: unknown, own: Set<Branch>): Branch {
  let mine = here;
  if (!own.has(here)) {
    mine = Array.isArray(here) ? [...here] : { ...here };
    own.add(mine);
  }
  if (Array.isArray(mine)) {
    const index = Number(key);
    if (Number.isInteger(index) && index >= 0 && index <= mine.length) mine[index] = value;
  } else {
    // Defined, not assigned: "__proto__" is a name like any other.
    Object.defineProperty(mine, key, { value, writable: true, enumerable: true, configurable: true });
  }
  return mine;
}

function without(here: Branch, key: string | number): Branch {
  if (Array.isArray(here)) return here.filter((_, index) => index !== Number(key));
  const { [key as string]: _gone, ...rest } = here as Record<string, unknown>;
  return rest;
}
