import { IconCheck, IconMinus } from "@tabler/icons-react";

type Props = { label: string; on: boolean; mixed?: boolean; onChange: (on: boolean) => void };

/** A small checkbox for rows of a list. */
export function Check({ label, on, mixed = false, onChange }: Props) {
  return (
    <button
      type="button"
      role="checkbox"
      aria-checked={mixed ? "mixed" : on}
      aria-label={label}
      className={on || mixed ? "chk on" : "chk"}
      onClick={() => onChange(!on)}
    >
      {mixed ? <IconMinus className="i" /> : <IconCheck className="i" />}
    </button>
  );
}
