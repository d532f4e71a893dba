/** Sends the e-mail to oneself, as the customer of the preview would get it. */

import { IconSend } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useMay } from "@/api/session";
import { type LetterSource, testLetter } from "../data";
import { usePreviewAs } from "../forms/previewAs";

export function TestSend({ source, flow }: { source: LetterSource; flow: string }) {
  const may = useMay("editor");
  const { id } = usePreviewAs();
  const test = useMutation({ mutationFn: () => testLetter(source, flow, id) });
  if (!may) return null;
  return (
    <>
      <button
        type="button"
        className="btn btn-line btn-sm"
        disabled={test.isPending || !source.subject.trim()}
        title="As this customer would get it, to your own address"
        onClick={() => test.mutate()}
        data-testid="send-test"
      >
        <IconSend className="i i12" aria-hidden="true" /> Send me a test
      </button>
      <p className={test.isError ? "call bad letter-said" : "help letter-said"} role="status">
        {test.isPending ? "Sending …" : (test.error?.message ?? test.data ?? "")}
      </p>
    </>
  );
}
