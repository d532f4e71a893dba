import { Modal } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { FlowThumbnail } from "@/ui/FlowThumbnail";
import { useTemplates } from "./flows";
import { useStart } from "./useStart";

/** Templates, each with its picture; choosing one opens it as a new draft. */
export function TemplateDialog({ onClose }: { onClose: () => void }) {
  const { data, error, isPending } = useTemplates();
  const { start, wrong, busy } = useStart();
  return (
    <Modal opened onClose={onClose} title="New from template" size={760} closeButtonProps={{ "aria-label": "Close" }}>
      {error || wrong ? (
        <p className="call bad" role="alert">
          {error?.message ?? wrong}
        </p>
      ) : null}
      <div className="tpl three" aria-busy={isPending}>
        {data?.map((template) => (
          <button
            key={template.id}
            type="button"
            className="box"
            disabled={busy}
            onClick={() => void start({ name: template.name, template: template.id })}
          >
            <span className="thumb">
              <FlowThumbnail drawing={template.drawing} width={204} height={84} />
            </span>
            <span className="t">
              <b className="cut">{template.name}</b>
              <span className="t2 s12">{template.description}</span>
            </span>
          </button>
        ))}
        <button type="button" className="box" disabled={busy} onClick={() => void start({ name: "Untitled flow" })}>
          <span className="thumb">
            <IconPlus className="i t3" />
          </span>
          <span className="t">
            <b className="cut">Blank canvas</b>
            <span className="t2 s12">Start from a trigger</span>
          </span>
        </button>
      </div>
    </Modal>
  );
}
