/** The editor's state: the history of the graph, what is chosen, what is wrong, and how saving goes. */

import { createContext, useContext } from "react";
import { createStore, type StoreApi, useStore } from "zustand";
import type { Catalogue } from "@/graph/catalogue";
import type { Issue } from "@/graph/check";
import type { Graph } from "@/graph/document";
import { adopt, advance, begin, goTo, type History, join, redo, settle, undo } from "@/graph/history";
import type { Change, Place } from "@/graph/operations";
import type { SaveState } from "./saver";

export interface Picker {
  readonly place: Place | null;
  readonly anchor: DOMRect;
  /** The card that becomes one of the picked type. */
  readonly replace?: string;
}

/** Something is in the hand, and the next card, line or + says where it goes. */
export interface Picking {
  readonly kind: "move" | "copy" | "lead";
  /** The branch's head; or the card or line that shall lead elsewhere. */
  readonly id: string;
}

export type FlowTab = "words" | "settings" | "issues";

export interface EditorState {
  readonly flow: string;
  readonly catalogue: Catalogue;
  readonly editable: boolean;
  readonly history: History;
  readonly selection: ReadonlySet<string>;
  readonly serverIssues: readonly Issue[];
  readonly save: SaveState;
  readonly picker: Picker | null;
  readonly picking: Picking | null;
  readonly searching: boolean;
  readonly historyOpen: boolean;
  /** The outline stands in the place of the list of steps. */
  readonly outline: boolean;
  /** The name that is proposed for a flow of its own, while it is asked for; whether something here waits for it. */
  readonly naming: { readonly name: string; readonly waits: boolean } | null;
  /** A card that shall be brought into view, since somebody else is there. */
  readonly looked: string | null;
  readonly tab: FlowTab;
  /** The field an issue points at, to be focused once its form is shown. */
  readonly focusField: string;
  /** Rises with every new layout. */
  readonly settle: number;
}

export interface Actions {
  act: (change: Change | null) => void;
  undo: () => void;
  redo: () => void;
  /** Goes to how the flow was after so many steps. */
  goTo: (count: number) => void;
  /** Ends a run of joined steps (a field was left). */
  rest: () => void;
  select: (ids: Iterable<string>) => void;
  adopt: (graph: Graph, label: string) => void;
  /** Takes in what somebody else did: no step of one's own, and no step back undoes it. */
  join: (graph: Graph, into: (graph: Graph) => Graph) => void;
  relayout: (change: Change) => void;
}

export type Editor = StoreApi<EditorState> & Actions;

const NOTHING: ReadonlySet<string> = new Set();

function still(selection: ReadonlySet<string>, graph: Graph): ReadonlySet<string> {
  const there = new Set([...graph.nodes, ...graph.edges, ...graph.notes, ...(graph.groups ?? [])].map(({ id }) => id));
  const kept = [...selection].filter((id) => there.has(id));
  return kept.length === selection.size ? selection : new Set(kept);
}

export function createEditor(init: { flow: string; catalogue: Catalogue; graph: Graph; editable: boolean }): Editor {
  const store = createStore<EditorState>(() => ({
    flow: init.flow,
    catalogue: init.catalogue,
    editable: init.editable,
    history: begin(init.graph),
    selection: NOTHING,
    serverIssues: [],
    save: { kind: "saved" },
    picker: null,
    picking: null,
    searching: false,
    historyOpen: false,
    outline: false,
    naming: null,
    looked: null,
    tab: "words",
    focusField: "",
    settle: 0,
  }));
  const step = (next: (history: History) => History) =>
    store.setState((state) => {
      const history = next(state.history);
      return history === state.history ? state : { history, selection: still(state.selection, history.present) };
    });
  const actions: Actions = {
    act: (change) => {
      if (!change || !store.getState().editable) return;
      step((history) => advance(history, change));
      if (change.select) actions.select(change.select);
    },
    undo: () => step(undo),
    redo: () => step(redo),
    goTo: (count) => step((history) => goTo(history, count)),
    rest: () => store.setState((state) => ({ history: settle(state.history) })),
    select: (ids) => store.setState({ selection: new Set(ids), focusField: "" }),
    adopt: (graph, label) => step((history) => adopt(history, graph, label)),
    join: (graph, into) => step((history) => join(history, graph, into)),
    relayout: ({ graph, label }) => {
      store.setState((state) => ({ settle: state.settle + 1 }));
      step((history) => adopt(history, graph, label));
    },
  };
  return Object.assign(store, actions);
}

export const EditorContext = createContext<Editor | null>(null);

export function useEditorStore(): Editor {
  const editor = useContext(EditorContext);
  if (!editor) throw new Error("this part belongs inside an editor");
  return editor;
}

export function useEditor<T>(select: (state: EditorState) => T): T {
  return useStore(useEditorStore(), select);
}

export function graphOf(state: EditorState): Graph {
  return state.history.present;
}
