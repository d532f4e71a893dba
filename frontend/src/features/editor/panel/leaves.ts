/** The values in an answer with the paths that later steps read them by. Pure. */

export interface Leaf {
  /** As a text reads it: `steps.enrich.output.name`. */
  readonly path: string;
  readonly value: string | number | boolean | null;
}

const WORD = /^[A-Za-z_][A-Za-z0-9_]*$/;
const MOST = 200;
const DEEP = 8;

/** Every plain value, in order; of a list the first entry stands for all. Names that no path can say are left out. */
export function leavesOf(node: string, output: unknown): Leaf[] {
  const found: Leaf[] = [];
  const walk = (value: unknown, path: string, depth: number): void => {
    if (found.length >= MOST || depth > DEEP) return;
    if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      found.push({ path, value });
    } else if (Array.isArray(value)) {
      if (value.length) walk(value[0], `${path}[0]`, depth + 1);
    } else if (typeof value === "object") {
      for (const [name, inner] of Object.entries(value)) if (WORD.test(name)) walk(inner, `${path}.${name}`, depth + 1);
    }
  };
  walk(output, `steps.${node}.output`, 0);
  return found;
}
