/** A branch becomes a flow of its own on the server, and comes back from there. */

import { get, post } from "@/api/http";
import { isRecord, readGraph } from "@/graph/document";
import { asFlow, extract, extracted, inline } from "@/graph/subflow";
import { chosenNodes, current } from "./actions";
import type { Tools } from "./commands";

/** Makes the flow first: only when it is there does the branch give way. */
export async function takeOutAs({ editor, say }: Tools, name: string): Promise<boolean> {
  const graph = current(editor);
  const { catalogue } = editor.getState();
  const cut = extracted(
    graph,
    catalogue,
    chosenNodes(editor).map(({ id }) => id),
  );
  if ("problem" in cut) {
    say("These steps stay here", cut.problem);
    return false;
  }
  try {
    const made = await post<{ id: string }>("flows/", { name, graph: asFlow(cut, graph.settings) });
    // What was drawn meanwhile stays: the branch is cut out of the flow as it is now.
    const again = extracted(
      current(editor),
      catalogue,
      cut.part.nodes.map(({ id }) => id),
    );
    if ("problem" in again) {
      say(`${name} was made, and the steps stay here, too`, again.problem);
      return true;
    }
    editor.act(extract(current(editor), again, made.id, name));
    say(`${name} is a flow of its own`, "Publish it first: until then nobody enters it.");
    return true;
  } catch (reason) {
    say("The flow was not made", reason instanceof Error ? reason.message : String(reason));
    return false;
  }
}

/** Asks for the new flow's name, or says why the chosen steps cannot be one. */
export function takeOut({ editor, say }: Tools): void {
  const cut = extracted(
    current(editor),
    editor.getState().catalogue,
    chosenNodes(editor).map(({ id }) => id),
  );
  if ("problem" in cut) say("These steps stay here", cut.problem);
  else {
    const name = current(editor).nodes.find(({ id }) => id === cut.head)?.name || "New flow";
    editor.setState({ naming: { name, waits: cut.next !== null } });
  }
}

/** The steps of the flow that the chosen card starts, in the card's place. The other flow stays as it is. */
export async function inlineChosen({ editor, say }: Tools): Promise<void> {
  const [node] = chosenNodes(editor);
  const flow = node?.config.flow;
  if (!node || typeof flow !== "string" || !flow) {
    say("Nothing was put here", "Choose first which flow this step starts.");
    return;
  }
  try {
    const draft = await get<unknown>(`flows/${flow}/draft/`);
    const graph = readGraph(isRecord(draft) ? draft.graph : null);
    const change = inline(current(editor), editor.getState().catalogue, node.id, graph);
    if ("problem" in change) say("Nothing was put here", change.problem);
    else editor.act(change);
  } catch (reason) {
    say("Nothing was put here", reason instanceof Error ? reason.message : String(reason));
  }
}
