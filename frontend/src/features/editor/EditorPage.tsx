/** `/flows/:id`: loads the flow, its draft and the node types, then hands over to the editor. */

import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useParams } from "react-router";
import type { FlowDetail } from "@/api/models";
import { useMay } from "@/api/session";
import type { Catalogue } from "@/graph/catalogue";
import { ErrorScreen } from "@/ui/ErrorScreen";
import { PageLoading } from "@/ui/PageLoading";
import { clearBackup, readBackup, writeBackup } from "./backup";
import { pullDraft, saveDraft, useCatalogue, useDraft, useFlow, validate } from "./data";
import { Editor as EditorView } from "./Editor";
import { type Draft, Saver } from "./saver";
import { createEditor, type Editor, EditorContext } from "./store";
import "./editor.css";
import "./building.css";
import "./forms/forms.css";

interface Work {
  readonly editor: Editor;
  readonly saver: Saver;
}

function begin(flow: string, draft: Draft, catalogue: Catalogue, editable: boolean): Work {
  const editor = createEditor({ flow, catalogue, graph: draft.graph, editable });
  const saver = new Saver(draft, {
    put: (graph, revision) => saveDraft(flow, graph, revision),
    get: () => pullDraft(flow),
    onState: (save) => editor.setState({ save }),
    onIssues: (serverIssues) => editor.setState({ serverIssues }),
    onMerged: (graph, who, into) => {
      editor.join(graph, into);
      notifications.show({ id: "joined", message: `${who} changed this flow, too. The changes of both are kept.` });
    },
    backup: { write: (backup) => writeBackup(flow, backup), clear: () => clearBackup(flow) },
  });
  return { editor, saver };
}

/** Wires the graph to its saver for as long as the page shows, and picks up what an earlier visit left unsaved. */
function useWork(flow: string, draft: Draft, catalogue: Catalogue, editable: boolean): Work {
  const [work] = useState(() => begin(flow, draft, catalogue, editable));
  useEffect(() => {
    const { editor, saver } = work;
    let last = editor.getState().history.present;
    const stop = editor.subscribe(({ history }) => {
      if (history.present === last) return;
      last = history.present;
      saver.change(last);
    });
    const backup = editable ? readBackup(flow) : null;
    if (backup) {
      editor.adopt(backup.graph, "Restore unsaved changes");
      saver.resume(backup, draft);
    }
    validate(last)
      .then((serverIssues) => editor.setState({ serverIssues }))
      .catch(() => {}); // The next save brings the issues; until then the structural ones are shown.
    const guard = (event: BeforeUnloadEvent) => {
      const { kind } = editor.getState().save;
      if (saver.unsaved && kind !== "saved") event.preventDefault();
    };
    const online = () => void saver.flush();
    window.addEventListener("beforeunload", guard);
    window.addEventListener("online", online);
    return () => {
      stop();
      window.removeEventListener("beforeunload", guard);
      window.removeEventListener("online", online);
      void saver.flush();
    };
  }, [work, flow, draft, editable]);
  return work;
}

function Loaded({ flow, draft, catalogue }: { flow: FlowDetail; draft: Draft; catalogue: Catalogue }) {
  const { editor, saver } = useWork(flow.id, draft, catalogue, useMay("editor"));
  return (
    <EditorContext value={editor}>
      <EditorView flow={flow} saver={saver} />
    </EditorContext>
  );
}

export function EditorPage() {
  const { id = "" } = useParams();
  const client = useQueryClient();
  const flow = useFlow(id);
  const draft = useDraft(id);
  const catalogue = useCatalogue();
  useEffect(() => () => client.removeQueries({ queryKey: ["draft", id] }), [client, id]);
  const error = flow.error ?? draft.error ?? catalogue.error;
  if (error && !(flow.data && draft.data && catalogue.data)) {
    const retry = () => void Promise.all([flow.refetch(), draft.refetch(), catalogue.refetch()]);
    return <ErrorScreen error={error} retry={retry} />;
  }
  if (!flow.data || !draft.data || !catalogue.data) return <PageLoading />;
  return <Loaded key={id} flow={flow.data} draft={draft.data} catalogue={catalogue.data} />;
}
