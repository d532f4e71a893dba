import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blocks, inlines } from "./marks";

describe("Markdown", () => {
  it("reads headings, paragraphs, lists, boxes, quotes and rules", () => {
    expect(blocks("# Why\none\ntwo\n\n- a\n- [x] b\n1. c\n> said\n---").map(({ kind }) => kind)).toEqual([
      "heading",
      "paragraph",
      "list",
      "list",
      "quote",
      "rule",
    ]);
    expect(blocks("- [ ] open\n- [x] done")).toEqual([
      {
        kind: "list",
        ordered: false,
        items: [
          { line: [{ kind: "text", text: "open" }], done: false },
          { line: [{ kind: "text", text: "done" }], done: true },
        ],
      },
    ]);
  });

  it("marks what is strong, soft, code, struck or a link, and nothing inside of words", () => {
    expect(
      inlines("a **b** *c* `d` ~~e~~ [f](https://g.example/) snake_case_name 2*3*4").map(({ kind }) => kind),
    ).toEqual(["text", "strong", "text", "em", "text", "code", "text", "strike", "text", "link", "text"]);
  });

  it("links nowhere but to the web and to mail", () => {
    for (const href of ["javascript:alert(1)", "data:text/html,x", "//evil.example", "file:///etc"]) {
      expect(inlines(`[x](${href})`).some(({ kind }) => kind === "link")).toBe(false);
    }
    expect(inlines("see https://a.example/b.")[1]).toEqual({
      kind: "link",
      text: "https://a.example/b",
      href: "https://a.example/b",
    });
  });

  it("loses no text and never fails, whatever is typed", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."*_`~[]()#->1.x \n:/ab") }), (text) => {
        const parts = inlines(text.replaceAll("\n", " "));
        const letters = (value: string) => value.replace(/[^abx1]/g, "");
        expect(letters(parts.map((part) => part.text).join("")).length).toBeLessThanOrEqual(letters(text).length);
        expect(blocks(text)).toBeInstanceOf(Array);
      }),
    );
  });
});
