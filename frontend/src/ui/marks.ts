/** A safe subset of Markdown as values: no HTML, no images, links to http, https and mailto only. Never fails. */

export type Inline =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "strong" | "em" | "code" | "strike"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly href: string };

export type Block =
  | { readonly kind: "heading"; readonly level: 1 | 2 | 3; readonly line: readonly Inline[] }
  | { readonly kind: "paragraph" | "quote"; readonly lines: readonly (readonly Inline[])[] }
  | { readonly kind: "list"; readonly ordered: boolean; readonly items: readonly Item[] }
  | { readonly kind: "rule" };

export interface Item {
  readonly line: readonly Inline[];
  /** A box that is ticked or not; undefined for a plain item. */
  readonly done?: boolean;
}

const MARKS =
  /`([^`]+)`|\*\*([^*]+)\*\*|__([^_]+)__|~~([^~]+)~~|(?<![\w*])\*([^*\s][^*]*)\*|(?<!\w)_([^_\s][^_]*)_(?!\w)|\[([^\]]+)\]\(([^)\s]+)\)|(https?:\/\/[^\s<>()]+[^\s<>().,;:!?])/g;

function safe(href: string): string | null {
  try {
    const url = new URL(href);
    return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

export function inlines(text: string): Inline[] {
  const found: Inline[] = [];
  let from = 0;
  for (const match of text.matchAll(MARKS)) {
    const [whole, code, strong, strong2, strike, em, em2, label, href, bare] = match;
    const link = safe(href ?? bare ?? "");
    if ((label || bare) && !link) continue;
    if (match.index > from) found.push({ kind: "text", text: text.slice(from, match.index) });
    from = match.index + whole.length;
    if (code) found.push({ kind: "code", text: code });
    else if (strong || strong2) found.push({ kind: "strong", text: strong ?? strong2 ?? "" });
    else if (strike) found.push({ kind: "strike", text: strike });
    else if (em || em2) found.push({ kind: "em", text: em ?? em2 ?? "" });
    else if (link) found.push({ kind: "link", text: label ?? bare ?? "", href: link });
  }
  if (from < text.length) found.push({ kind: "text", text: text.slice(from) });
  return found;
}

export function blocks(text: string): Block[] {
  const found: Block[] = [];
  let lines: string[] = [];
  const end = () => {
    if (lines.length) found.push({ kind: "paragraph", lines: lines.map(inlines) });
    lines = [];
  };
  const last = () => found.at(-1);
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trimEnd();
    const heading = /^(#{1,3})\s+(.+)$/.exec(line);
    const item = /^\s*(?:([-*+])|(\d{1,4})[.)])\s+(?:\[([ xX])\]\s+)?(.*)$/.exec(line);
    const quote = /^>\s?(.*)$/.exec(line);
    if (!line.trim()) end();
    else if (heading) {
      end();
      found.push({ kind: "heading", level: (heading[1]?.length ?? 1) as 1 | 2 | 3, line: inlines(heading[2] ?? "") });
    } else if (/^\s*([-*_])(\s*\1){2,}$/.test(line)) {
      end();
      found.push({ kind: "rule" });
    } else if (item) {
      const open = lines.length === 0 ? last() : undefined;
      end();
      const ordered = item[2] !== undefined;
      const made: Item = {
        line: inlines(item[4] ?? ""),
        ...(item[3] === undefined ? {} : { done: item[3] !== " " }),
      };
      if (open?.kind === "list" && open.ordered === ordered) {
        found[found.length - 1] = { ...open, items: [...open.items, made] };
      } else found.push({ kind: "list", ordered, items: [made] });
    } else if (quote) {
      const open = lines.length === 0 ? last() : undefined;
      end();
      const made = inlines(quote[1] ?? "");
      if (open?.kind === "quote") found[found.length - 1] = { ...open, lines: [...open.lines, made] };
      else found.push({ kind: "quote", lines: [made] });
    } else lines.push(line);
  }
  end();
  return found;
}
