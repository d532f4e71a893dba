import { IconChevronDown } from "@tabler/icons-react";

type Props = {
  label: string;
  value: string;
  choices: readonly { value: string; name: string }[];
  onChange: (value: string) => void;
  disabled?: boolean;
};

/** The platform's own select in the product's dress: best for keyboard, touch and screen readers. */
export function SelectField({ label, value, choices, onChange, disabled = false }: Props) {
  return (
    <span className="field quiet select">
      <select
        aria-label={label}
        value={value}
        disabled={disabled}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        {choices.map((each) => (
          <option key={each.value} value={each.value}>
            {each.name}
          </option>
        ))}
      </select>
      <IconChevronDown className="i i12 caret" />
    </span>
  );
}
