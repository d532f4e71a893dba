import { notifications } from "@mantine/notifications";
import { useState } from "react";
import type { FlowDetail } from "@/api/models";
import { useOverdue, useResume } from "@/api/resume";
import { ResumeDialog } from "@/ui/ResumeDialog";

/** Resuming from the editor. */
export function Resume({ flow, onClose }: { flow: FlowDetail; onClose: () => void }) {
  const [older, setOlder] = useState("24h");
  const counts = useOverdue(flow.id, older);
  const resume = useResume(flow.id);
  return (
    <ResumeDialog
      name={flow.name}
      counts={counts.data}
      wrong={counts.error?.message ?? ""}
      older={older}
      onOlder={setOlder}
      act={async (choice) => {
        const { batch } = await resume(choice);
        if (batch) notifications.show({ message: "It goes on as soon as it is settled for everybody who is overdue." });
      }}
      onClose={onClose}
    />
  );
}
