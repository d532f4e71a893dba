import { NavLink } from "react-router";

/** The views of one thing, each with its own address. */
export function ViewLinks({ label, views }: { label: string; views: readonly { to: string; name: string }[] }) {
  return (
    <nav className="seg" aria-label={label}>
      {views.map(({ to, name }) => (
        <NavLink key={to} to={to}>
          {name}
        </NavLink>
      ))}
    </nav>
  );
}

/** What happens to customers, seen three ways; the three pages carry it in their bar. */
export const activityViews = [
  { to: "/runs", name: "Runs" },
  { to: "/events", name: "Events" },
  { to: "/outbox", name: "Outbox" },
] as const;

type Choice<T extends string> = { value: T; name: string };

/** One of a few, seen at once. */
export function Segments<T extends string>(props: {
  label: string;
  value: T;
  choices: readonly Choice<T>[];
  onChange: (value: T) => void;
}) {
  return (
    <div className="seg" role="radiogroup" aria-label={props.label}>
      {props.choices.map(({ value, name }) => (
        <button
          key={value}
          type="button"
          role="radio"
          aria-checked={value === props.value}
          onClick={() => props.onChange(value)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
