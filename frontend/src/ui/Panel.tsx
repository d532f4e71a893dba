import { IconX } from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef } from "react";

type Props = {
  label: string;
  title: ReactNode;
  sub?: ReactNode;
  mark?: ReactNode;
  beside?: ReactNode;
  tabs?: ReactNode;
  footer?: ReactNode;
  width?: number;
  testId?: string;
  onClose?: () => void;
  children: ReactNode;
};

/** The panel docked at the right: what one thing is, and what can be done with it. Escape closes it. */
export function Panel({ label, title, sub, mark, beside, tabs, footer, width, testId, onClose, children }: Props) {
  const shut = useRef(onClose);
  shut.current = onClose;
  useEffect(() => {
    // A menu or a dialog that is open when the key goes down closes by it, and nothing else does. It is noticed before
    // the menu hears of the key, since that one listens later: so this is set up once, not with every drawing.
    let other = false;
    const notice = () => {
      other = document.querySelector("[role=dialog],[role=menu]") !== null;
    };
    const close = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented && !other) shut.current?.();
    };
    window.addEventListener("keydown", notice, true);
    document.addEventListener("keydown", close);
    return () => {
      window.removeEventListener("keydown", notice, true);
      document.removeEventListener("keydown", close);
    };
  }, []);
  return (
    <aside className="panel" aria-label={label} style={width ? { width } : undefined} data-testid={testId}>
      <header>
        <div className="row">
          {mark}
          <div className="cut grow">
            <h2 className="cut">{title}</h2>
            {sub ? <div className="t3 s12 cut">{sub}</div> : null}
          </div>
          {beside}
          {onClose ? (
            <button type="button" className="icon-btn" aria-label="Close" onClick={onClose}>
              <IconX className="i" />
            </button>
          ) : null}
        </div>
      </header>
      {tabs}
      <div className="body">{children}</div>
      {footer ? <footer>{footer}</footer> : null}
    </aside>
  );
}
