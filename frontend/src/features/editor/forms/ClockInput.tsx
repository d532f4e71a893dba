/** A time of day, typed as people do ("9", "9:30", "9 pm") and written as the document does ("09:00"). */

import { TextInput } from "@mantine/core";
import { type KeyboardEvent, useState } from "react";
import { readClock, shifted } from "@/graph/clock";

interface Props {
  id?: string;
  label?: string;
  labelledBy?: string;
  describedBy?: string | undefined;
  value: string;
  disabled: boolean;
  wrong?: boolean;
  placeholder?: string | undefined;
  onChange: (value: string) => void;
}

export function ClockInput({
  id,
  label,
  labelledBy,
  describedBy,
  value,
  disabled,
  wrong,
  placeholder,
  onChange,
}: Props) {
  const [draft, setDraft] = useState<string | null>(null);
  const text = draft ?? value;
  const bad = draft === null && value !== "" && readClock(value) === null;
  const move = (event: KeyboardEvent) => {
    const way = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
    if (!way) return;
    event.preventDefault();
    setDraft(null);
    onChange(shifted(readClock(text) ?? "09:00", way * (event.shiftKey ? 60 : 15)));
  };
  return (
    <TextInput
      {...(id ? { id } : {})}
      aria-label={label}
      aria-labelledby={labelledBy}
      aria-describedby={describedBy}
      className="clock"
      value={text}
      placeholder={placeholder ?? "09:00"}
      disabled={disabled}
      autoComplete="off"
      spellCheck={false}
      error={bad ? "A time of day, such as 09:00" : Boolean(wrong)}
      onKeyDown={move}
      onChange={(event) => {
        const typed = event.currentTarget.value;
        setDraft(typed);
        const read = readClock(typed);
        // A time half typed is no time yet; it is judged when the field is left.
        if (read !== null && /\d{2}$|m$/i.test(typed.trim())) onChange(read);
        else if (!typed.trim()) onChange("");
      }}
      onBlur={() => {
        if (draft?.trim()) onChange(readClock(draft) ?? draft.trim());
        setDraft(null);
      }}
    />
  );
}
