/** The blocks of an e-mail as a document holds them, and what can be done with a list of them. */

import { type Config, isRecord, type Json } from "@/graph/document";
import { freshId } from "@/graph/names";

export type BlockKind = "heading" | "text" | "button" | "image" | "divider" | "spacer" | "columns";

export type Block = Config & { readonly id: string; readonly kind: BlockKind };

export const NAMES: Readonly<Record<BlockKind, string>> = {
  heading: "Heading",
  text: "Text",
  button: "Button",
  image: "Image",
  divider: "Divider",
  spacer: "Spacer",
  columns: "Columns",
};

export const KINDS = Object.keys(NAMES) as BlockKind[];

export function blocksOf(value: Json | undefined): Block[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).filter((each) => String(each.kind) in NAMES) as Block[];
}

/** The blocks in each column of a block. */
export function columnsOf(block: Block): Block[][] {
  return Array.isArray(block.columns)
    ? block.columns.map((each) => (isRecord(each) ? blocksOf(each.blocks as Json) : []))
    : [[], []];
}

function idsIn(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block) => [block.id, ...columnsOf(block).flatMap(idsIn)]);
}

/** A block of a kind as it begins: empty, with an id that none of the others has. */
export function fresh(kind: BlockKind, all: readonly Block[]): Block {
  const id = freshId(kind, new Set(idsIn(all)));
  return { id, kind, ...(kind === "columns" ? { columns: [{ blocks: [] }, { blocks: [] }] } : {}) };
}

export function moved(blocks: readonly Block[], at: number, by: number): Block[] {
  const list = [...blocks];
  const [block] = list.splice(at, 1);
  if (block) list.splice(Math.max(0, Math.min(list.length, at + by)), 0, block);
  return list;
}

/** The list with a copy behind the block; the copy and all that is in it have ids of their own. */
export function duplicated(blocks: readonly Block[], at: number, all: readonly Block[]): Block[] {
  const block = blocks[at];
  if (!block) return [...blocks];
  const taken = new Set(idsIn(all));
  const copy = (one: Block): Block => {
    const id = freshId(one.kind, taken);
    taken.add(id);
    return one.kind === "columns"
      ? { ...one, id, columns: columnsOf(one).map((each) => ({ blocks: each.map(copy) })) }
      : { ...one, id };
  };
  return [...blocks.slice(0, at + 1), copy(block), ...blocks.slice(at + 1)];
}

/** What a block says, in a few words. */
export function said(block: Block): string {
  if (block.kind === "columns")
    return `${columnsOf(block)
      .map((each) => each.length)
      .join(" and ")} blocks`;
  if (block.kind === "spacer") return `${Number(block.height ?? 24)} px`;
  return (
    String(block.text || block.alt || block.url || "")
      .split("\n")[0]
      ?.slice(0, 80) ?? ""
  );
}
