/** Seven days to switch on and off, with the usual sets one press away. */

import { DAY_NAMES, DAYS, type Day, sortedDays } from "@/graph/clock";

interface Props {
  labelledBy?: string;
  label?: string;
  value: readonly Day[];
  disabled: boolean;
  onChange: (days: Day[]) => void;
}

const SETS: readonly { readonly name: string; readonly days: readonly Day[] }[] = [
  { name: "Weekdays", days: DAYS.slice(0, 5) },
  { name: "Weekend", days: DAYS.slice(5) },
];

export function DayPicker({ labelledBy, label, value, disabled, onChange }: Props) {
  const toggle = (day: Day) =>
    onChange(sortedDays(value.includes(day) ? value.filter((each) => each !== day) : [...value, day]));
  return (
    <div className="days" role="group" aria-labelledby={labelledBy} aria-label={label}>
      <div className="day-row">
        {DAYS.map((day) => (
          <button
            key={day}
            type="button"
            className="day"
            aria-pressed={value.includes(day)}
            aria-label={DAY_NAMES[day]}
            disabled={disabled}
            onClick={() => toggle(day)}
          >
            {DAY_NAMES[day].slice(0, 2)}
          </button>
        ))}
      </div>
      <div className="day-sets">
        {SETS.map(({ name, days }) => (
          <button key={name} type="button" className="link s12" disabled={disabled} onClick={() => onChange([...days])}>
            {name}
          </button>
        ))}
        {value.length && value.length < 7 ? (
          <button type="button" className="link s12" disabled={disabled} onClick={() => onChange([])}>
            Every day
          </button>
        ) : null}
      </div>
    </div>
  );
}
