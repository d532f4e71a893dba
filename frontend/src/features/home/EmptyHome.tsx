import { IconPlus } from "@tabler/icons-react";
import { useMay } from "@/api/session";
import { FlowThumbnail } from "@/ui/FlowThumbnail";
import { FirstMinute } from "./FirstMinute";
import { useTemplates } from "./flows";
import { UnitPicture } from "./UnitPicture";
import type { Beginning } from "./useBeginning";
import { useStart } from "./useStart";

const BLANK = { name: "Untitled flow" };

/** The first minute: one drawing to open, what it is, and the next steps. */
export function EmptyHome({ beginning }: { beginning: Beginning }) {
  const edits = useMay("editor");
  const { data: templates, error } = useTemplates();
  const { start, wrong, busy } = useStart();
  const [first, ...others] = templates ?? [];
  return (
    <div className="main">
      <main className="first">
        <h2 className="h1">Draw what happens after a sign-up</h2>
        <p className="lead">
          A flow is a drawing that runs. Open this one, send it a customer, and watch them travel through it.
        </p>
        {error || wrong ? (
          <p className="call bad" role="alert">
            {error?.message ?? wrong}
          </p>
        ) : null}
        <section className="box hero" aria-label="The onboarding unit">
          <div className="txt">
            <div className="row">
              <span className="chip is-running">Start here</span>
              {first ? <span className="t3 s12">{first.drawing.nodes.length} steps</span> : null}
            </div>
            <h2>The onboarding unit</h2>
            <p className="t2">
              A customer signs up. Look the company up, save it, and tell sales when it is large. Otherwise find out
              which tools it uses, and write three e-mails.
            </p>
            <div className="facts2">
              {["C", "D", "W", "S", "E"].map((letter) => (
                <span key={letter} className="vendor">
                  {letter}
                </span>
              ))}
              <span className="t3 s12 beside">sandbox vendors</span>
            </div>
            <dl className="kv">
              <dt>In the sandbox</dt>
              <dd>free, no one is written to</dd>
            </dl>
            {edits ? (
              <div className="row foot-row">
                <button
                  type="button"
                  className="btn btn-ink"
                  disabled={!first || busy}
                  onClick={() => first && void start({ name: first.name, template: first.id })}
                >
                  Open it
                </button>
                <button type="button" className="btn btn-line" disabled={busy} onClick={() => void start(BLANK)}>
                  <IconPlus className="i i14" />
                  Blank canvas
                </button>
              </div>
            ) : (
              <p className="t3 s12 foot-row">Your role may look. Ask an admin to let you draw.</p>
            )}
          </div>
          <UnitPicture />
        </section>
        {others.length > 0 && edits ? (
          <>
            <h2 className="or-begin">Or begin with another</h2>
            <div className="tpl">
              {others.map((template) => (
                <button
                  key={template.id}
                  type="button"
                  className="box"
                  disabled={busy}
                  onClick={() => void start({ name: template.name, template: template.id })}
                >
                  <span className="thumb">
                    <FlowThumbnail drawing={template.drawing} width={168} height={76} />
                  </span>
                  <span className="t">
                    <b className="cut">{template.name}</b>
                    <span className="t2 s12">{template.description}</span>
                  </span>
                </button>
              ))}
            </div>
          </>
        ) : null}
      </main>
      <FirstMinute beginning={beginning} />
    </div>
  );
}
