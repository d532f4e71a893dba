/** CEL and Liquid for the code editor: colours, and the names that complete. */

import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { html } from "@codemirror/lang-html";
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { type Extension, Prec } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  EditorView,
  hoverTooltip,
  MatchDecorator,
  ViewPlugin,
  type ViewUpdate,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { Variable } from "../data";

export const cel = StreamLanguage.define({
  name: "cel",
  token(stream) {
    if (stream.eatSpace()) return null;
    if (stream.match(/^"(?:[^"\\]|\\.)*"?/) || stream.match(/^'(?:[^'\\]|\\.)*'?/)) return "string";
    if (stream.match(/^-?\d+(\.\d+)?/)) return "number";
    if (stream.match(/^(true|false|null|in)\b/)) return "keyword";
    if (stream.match(/^(customer|event|run|steps|now)\b(\.\w+)*/)) return "variableName";
    if (stream.match(/^[A-Za-z_]\w*/)) return "propertyName";
    if (stream.match(/^(&&|\|\||[=!<>]=?|[+\-*/%?:])/)) return "operator";
    stream.next();
    return null;
  },
});

const inks = HighlightStyle.define([
  { tag: tags.string, color: "var(--fs-k-message)" },
  { tag: tags.number, color: "var(--fs-k-message)" },
  { tag: tags.keyword, color: "var(--fs-k-logic)", fontWeight: "500" },
  { tag: tags.variableName, color: "var(--fs-k-data)" },
  { tag: tags.propertyName, color: "var(--fs-text)" },
  { tag: tags.operator, color: "var(--fs-text-3)" },
  { tag: tags.tagName, color: "var(--fs-k-logic)" },
  { tag: tags.attributeName, color: "var(--fs-text-2)" },
  { tag: tags.comment, color: "var(--fs-text-3)" },
]);

const marks = new MatchDecorator({
  regexp: /\{\{.*?\}\}|\{%.*?%\}/g,
  decoration: (match) => Decoration.mark({ class: match[0].startsWith("{{") ? "cm-output" : "cm-tag" }),
});

const liquidMarks = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = marks.createDeco(view);
    }
    update(update: ViewUpdate) {
      this.decorations = marks.updateDeco(update, this.decorations);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

export function language(kind: "cel" | "liquid", asHtml: boolean): Extension {
  const colours = syntaxHighlighting(inks);
  if (kind === "cel") return [cel, colours];
  return [asHtml ? html({ autoCloseTags: false }) : [], colours, Prec.highest(liquidMarks)];
}

const FUNCTIONS: readonly Completion[] = [
  { label: "has()", apply: "has(", type: "function", info: "Whether a value is known" },
  { label: "size()", apply: "size(", type: "function", info: "Length of a text or list" },
  { label: "contains()", apply: "contains(", type: "function", info: "Whether a text contains another" },
  { label: "startsWith()", apply: "startsWith(", type: "function", info: "Whether a text begins with another" },
  { label: "endsWith()", apply: "endsWith(", type: "function", info: "Whether a text ends with another" },
  { label: "timestamp()", apply: "timestamp(", type: "function", info: 'A moment: timestamp("2026-01-31T00:00:00Z")' },
  { label: "duration()", apply: "duration(", type: "function", info: 'A time to add or take off: duration("720h")' },
  { label: "in", type: "keyword", info: "Whether a list contains a value" },
];

const FILTERS: readonly Completion[] = [
  "default",
  "upcase",
  "downcase",
  "capitalize",
  "truncate",
  "date",
  "json",
  "escape",
  "join",
  "size",
].map((label) => ({ label, type: "function" }));

function inOutput(text: string): boolean {
  return (
    Math.max(text.lastIndexOf("{{"), text.lastIndexOf("{%")) > Math.max(text.lastIndexOf("}}"), text.lastIndexOf("%}"))
  );
}

/** Completes paths anywhere in CEL, and inside `{{ }}` and `{% %}` in Liquid; after a `|` it completes filters. */
export function completions(kind: "cel" | "liquid", variables: () => readonly Variable[]) {
  return (context: CompletionContext): CompletionResult | null => {
    const before = context.state.sliceDoc(Math.max(0, context.pos - 400), context.pos);
    if (kind === "liquid" && !inOutput(before)) return null;
    const word = context.matchBefore(/[\w.[\]"]*/);
    if (!word || (word.from === word.to && !context.explicit && kind === "cel")) return null;
    if (kind === "liquid" && /\|\s*\w*$/.test(before)) {
      const filter = context.matchBefore(/\w*/);
      return { from: filter?.from ?? context.pos, options: [...FILTERS] };
    }
    const options: Completion[] = variables().map(({ path, type, sample, values }) => ({
      label: path,
      type: "variable",
      detail: type,
      ...(values.length
        ? { info: `lately ${values.slice(0, 3).join(", ")}` }
        : sample
          ? { info: `for example ${sample}` }
          : {}),
    }));
    return { from: word.from, options: kind === "cel" ? [...options, ...FUNCTIONS] : options, validFor: /^[\w.]*$/ };
  };
}

/** The dotted name that a place in a line lies in. */
export function nameAt(line: string, at: number): { readonly path: string; readonly from: number } | null {
  for (const match of line.matchAll(/[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+/g))
    if (match.index <= at && at <= match.index + match[0].length) return { path: match[0], from: match.index };
  return null;
}

/** A name under the pointer says its type, where it comes from, and what was seen last. */
export function hover(variables: () => readonly Variable[]): Extension {
  return hoverTooltip((view, at) => {
    const line = view.state.doc.lineAt(at);
    const name = nameAt(line.text, at - line.from);
    const known = name && variables().find(({ path }) => path === name.path);
    if (!name || !known) return null;
    return {
      pos: line.from + name.from,
      end: line.from + name.from + name.path.length,
      above: true,
      create: () => {
        const dom = document.createElement("div");
        dom.className = "cm-completionInfo";
        const seen = known.values.length ? `, lately ${known.values.slice(0, 3).join(", ")}` : "";
        const from = known.source && known.source !== "customer" ? ` of ${known.source}` : "";
        dom.textContent = `${known.type || "value"}${from}${seen}`;
        return { dom };
      },
    };
  });
}

export const look = EditorView.theme({
  "&": { fontSize: "12px", backgroundColor: "transparent" },
  "&.cm-focused": { outline: "none" },
  ".cm-content": {
    fontFamily: "var(--fs-font-mono)",
    lineHeight: "18px",
    padding: "5px 0",
    caretColor: "var(--fs-text)",
  },
  ".cm-line": { padding: "0 8px" },
  ".cm-placeholder": { color: "var(--fs-text-3)" },
  ".cm-output": { backgroundColor: "var(--fs-accent-tint)", color: "var(--fs-accent)", borderRadius: "3px" },
  ".cm-tag": { color: "var(--fs-k-logic)", fontWeight: "500" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--fs-accent-tint) !important",
  },
  ".cm-cursor": { borderLeftColor: "var(--fs-text)" },
  ".cm-tooltip": {
    backgroundColor: "var(--fs-raised)",
    border: "0",
    borderRadius: "8px",
    boxShadow: "var(--fs-shadow-3)",
    overflow: "hidden",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--fs-font-mono)", fontSize: "12px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "3px 8px", lineHeight: "18px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--fs-accent-tint)",
    color: "var(--fs-text)",
  },
  ".cm-completionDetail": { color: "var(--fs-text-3)", fontStyle: "normal" },
  ".cm-completionInfo": { padding: "4px 8px", fontSize: "12px", color: "var(--fs-text-2)" },
  ".cm-diagnostic": { padding: "4px 8px", borderLeft: "0" },
  ".cm-lintRange-error": { backgroundImage: "none", borderBottom: "2px solid var(--fs-failed-solid)" },
});
