/** Which component draws which `x-widget`: the one table. */

import type { ComponentType } from "react";
import { BlocksField } from "../email/BlocksField";
import { ArmsField } from "./ArmsField";
import { CasesField } from "./CasesField";
import { CodeField } from "./CodeField";
import { CredentialField } from "./CredentialField";
import { CronField } from "./CronField";
import { DurationField, SignedDurationField } from "./DurationField";
import type { FieldProps } from "./field";
import { JsonField } from "./JsonField";
import { KeyValueField } from "./KeyValueField";
import { ObjectField } from "./ObjectField";
import { FlowField, SegmentField } from "./pickers";
import {
  EventNameField,
  EventNamesField,
  MoneyField,
  NumberField,
  PasswordField,
  SelectField,
  SwitchField,
  TextareaField,
  TextField,
} from "./plain";
import { RulesField } from "./RulesField";
import { ClockField, WeekdaysField, WindowField } from "./time";
import { WaitBranchesField } from "./WaitBranchesField";
import { ZoneField } from "./ZoneField";

export const WIDGETS: Readonly<Record<string, ComponentType<FieldProps>>> = {
  arms: ArmsField,
  cases: CasesField,
  cel: CodeField,
  clock: ClockField,
  credential: CredentialField,
  cron: CronField,
  duration: DurationField,
  "email-blocks": BlocksField,
  "event-name": EventNameField,
  "event-names": EventNamesField,
  flow: FlowField,
  json: JsonField,
  "key-value": KeyValueField,
  liquid: CodeField,
  "liquid-html": CodeField,
  money: MoneyField,
  number: NumberField,
  object: ObjectField,
  "parallel-arms": ArmsField,
  password: PasswordField,
  rules: RulesField,
  "rules-history": RulesField,
  segment: SegmentField,
  select: SelectField,
  "signed-duration": SignedDurationField,
  switch: SwitchField,
  text: TextField,
  textarea: TextareaField,
  timezone: ZoneField,
  traits: KeyValueField,
  "wait-branches": WaitBranchesField,
  weekdays: WeekdaysField,
  window: WindowField,
};

/** The component of a widget; a kind that nobody knows is edited as what it is, JSON. */
export function widgetFor(name: string, value: unknown): ComponentType<FieldProps> {
  return WIDGETS[name] ?? (typeof value === "object" && value !== null ? JsonField : TextField);
}
