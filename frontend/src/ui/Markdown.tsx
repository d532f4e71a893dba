/** Text in a safe subset of Markdown: elements are made from values, never from HTML. */

import { Fragment, memo, useMemo } from "react";
import { blocks, type Inline } from "./marks";

/** Parts of a text have no names of their own: their place in it is what they are. */
function numbered<T>(items: readonly T[]): { key: string; item: T }[] {
  return items.map((item, at) => ({ key: String(at), item }));
}

function Line({ parts }: { parts: readonly Inline[] }) {
  return numbered(parts).map(({ key, item }) => {
    switch (item.kind) {
      case "strong":
        return <strong key={key}>{item.text}</strong>;
      case "em":
        return <em key={key}>{item.text}</em>;
      case "strike":
        return <s key={key}>{item.text}</s>;
      case "code":
        return <code key={key}>{item.text}</code>;
      case "link":
        return (
          <a key={key} href={item.href} target="_blank" rel="noreferrer noopener" className="nodrag nopan">
            {item.text}
          </a>
        );
      default:
        return <Fragment key={key}>{item.text}</Fragment>;
    }
  });
}

function Lines({ lines }: { lines: readonly (readonly Inline[])[] }) {
  return numbered(lines).map(({ key, item }) => (
    <Fragment key={key}>
      {key === "0" ? null : <br />}
      <Line parts={item} />
    </Fragment>
  ));
}

function MarkdownView({ text }: { text: string }) {
  const made = useMemo(() => blocks(text), [text]);
  return (
    <div className="md">
      {numbered(made).map(({ key, item }) => {
        switch (item.kind) {
          case "heading":
            return (
              <p key={key} className={`md-h md-h${item.level}`}>
                <Line parts={item.line} />
              </p>
            );
          case "rule":
            return <hr key={key} />;
          case "quote":
            return (
              <blockquote key={key}>
                <Lines lines={item.lines} />
              </blockquote>
            );
          case "list": {
            const List = item.ordered ? "ol" : "ul";
            return (
              <List key={key}>
                {numbered(item.items).map(({ key: at, item: each }) => (
                  <li key={at} className={each.done === undefined ? undefined : each.done ? "done" : "open"}>
                    <Line parts={each.line} />
                  </li>
                ))}
              </List>
            );
          }
          default:
            return (
              <p key={key}>
                <Lines lines={item.lines} />
              </p>
            );
        }
      })}
    </div>
  );
}

export const Markdown = memo(MarkdownView);
