/** The flow in plain English, as the server tells it; it follows while one draws. */

import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { countIssues } from "@/graph/check";
import { explain } from "../data";
import { graphOf, useEditor, useEditorStore } from "../store";
import { useIssues } from "../useIssues";
import { IssueList } from "./IssueList";

/** Lines that start with a number or a dash become a list; the rest are paragraphs. */
export function paragraphs(text: string): { readonly list: boolean; readonly lines: readonly string[] }[] {
  const blocks: { list: boolean; lines: string[] }[] = [];
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    if (!line) continue;
    const item = /^(?:\d+[.)]|[-•])\s+(.*)$/.exec(line);
    const last = blocks.at(-1);
    if (item && last?.list) last.lines.push(item[1] ?? "");
    else blocks.push({ list: Boolean(item), lines: [item?.[1] ?? line] });
  }
  return blocks;
}

/** A sentence that begins with a card's name leads to the card. */
function Sentence({ text, onShow }: { text: string; onShow: (id: string) => void }) {
  const editor = useEditorStore();
  const node = useEditor((state) =>
    graphOf(state).nodes.find(({ name }) => name !== "" && text.startsWith(`${name}: `)),
  );
  if (!node) return text;
  const go = () => {
    editor.select([node.id]);
    onShow(node.id);
  };
  return (
    <>
      <button type="button" className="word" onClick={go}>
        {node.name}
      </button>
      {text.slice(node.name.length)}
    </>
  );
}

export function Words({ onShow }: { onShow: (id: string) => void }) {
  const graph = useEditor(graphOf);
  const [settled] = useDebouncedValue(graph, 500);
  const issues = useIssues().filter((issue) => issue.severity !== "hint");
  const { errors, warnings } = countIssues(issues);
  const { data, error } = useQuery({
    queryKey: ["explain", settled],
    queryFn: () => explain(settled),
    enabled: settled.nodes.length > 0,
    placeholderData: keepPreviousData,
    gcTime: 0,
    retry: false,
  });
  if (!graph.nodes.length)
    return <p className="prose">There is nothing to tell yet. What you draw is told here in words.</p>;
  return (
    <>
      <div className="prose" data-testid="in-words">
        {error ? <p>{error.message}</p> : null}
        {paragraphs(data ?? "").map(({ list, lines }) =>
          list ? (
            <ol key={lines.join()}>
              {lines.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ol>
          ) : (
            <p key={lines.join()}>
              <Sentence text={lines.join(" ")} onShow={onShow} />
            </p>
          ),
        )}
      </div>
      {errors + warnings ? (
        <section className="stack">
          <h3 className="h">
            Issues
            <span className="t3">
              {[
                errors ? `${errors} ${errors === 1 ? "error" : "errors"}` : "",
                warnings ? `${warnings} ${warnings === 1 ? "warning" : "warnings"}` : "",
              ]
                .filter(Boolean)
                .join(", ")}
            </span>
          </h3>
          <IssueList issues={issues} onShow={onShow} />
        </section>
      ) : null}
    </>
  );
}
