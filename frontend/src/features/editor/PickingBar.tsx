/** Something is in the hand: says what, and how to put it down. */

import { graphOf, useEditor, useEditorStore } from "./store";

export function PickingBar() {
  const editor = useEditorStore();
  const picking = useEditor((state) => state.picking);
  const name = useEditor((state) => {
    const graph = graphOf(state);
    const edge = graph.edges.find(({ id }) => id === state.picking?.id);
    const id = edge?.source ?? state.picking?.id;
    return graph.nodes.find((node) => node.id === id)?.name || id || "";
  });
  if (!picking) return null;
  const lead = picking.kind === "lead";
  return (
    <div className="canvas-ui picking" role="status" data-testid="picking">
      <span className="grow">
        <span className="strong">
          {lead
            ? `Where does “${name}” lead?`
            : `Where does the branch “${name}” ${picking.kind === "move" ? "go" : "go, too"}?`}
        </span>{" "}
        {lead ? "Choose a card." : "Press a + or choose the card that it follows."}
      </span>
      <button type="button" className="btn btn-line btn-sm" onClick={() => editor.setState({ picking: null })}>
        Leave it
      </button>
    </div>
  );
}
