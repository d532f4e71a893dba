/**
 * The arms of a split, each with a name, a weight and a way of its own, and what the weights come to; or those of a
 * parallel block, which are all taken.
 */

import { NumberInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { isRecord, type Json } from "@/graph/document";
import { freshId } from "@/graph/names";
import { summarise } from "@/graph/summary";
import { Leads } from "./CasesField";
import type { FieldProps } from "./field";

interface Arm {
  readonly id: string;
  readonly name: string;
  readonly weight?: Json;
}

function armsOf(value: Json | undefined, weighted: boolean): Arm[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).map((item) => ({
    ...item,
    id: String(item.id ?? ""),
    name: String(item.name ?? ""),
    ...(weighted ? { weight: (item.weight ?? 0) as Json } : {}),
  }));
}

export function ArmsField({ field, value, issue, disabled, onChange }: FieldProps) {
  const weighted = field.widget !== "parallel-arms";
  const arms = armsOf(value, weighted);
  const put = (list: readonly Arm[]) => onChange(list.map((item) => ({ ...item }) as Json));
  const change = (at: number, part: Partial<Arm>) =>
    put(arms.map((item, index) => (index === at ? { ...item, ...part } : item)));
  return (
    <div className="stack" role="group" aria-label={field.label} data-testid="arms">
      {arms.map((arm, at) => (
        <section className="case" key={arm.id} data-testid={`arm-${arm.id}`}>
          <div className="row">
            <span className="ord">{at + 1}</span>
            <input
              className="case-name"
              aria-label={`Name of arm ${at + 1}`}
              placeholder={`Arm ${at + 1}`}
              value={arm.name}
              disabled={disabled}
              maxLength={80}
              onChange={(event) => change(at, { name: event.currentTarget.value })}
            />
            <Leads port={arm.id} />
            {arms.length > 2 ? (
              <button
                type="button"
                className="icon-btn sm"
                aria-label={`Remove arm ${at + 1}`}
                disabled={disabled}
                onClick={() => put(arms.filter((_, index) => index !== at))}
              >
                <IconX className="i i12" />
              </button>
            ) : (
              <span className="case-gap" />
            )}
          </div>
          {weighted ? (
            <div className="rules">
              <NumberInput
                aria-label={`Weight of arm ${at + 1}`}
                value={typeof arm.weight === "number" ? arm.weight : ""}
                min={0}
                clampBehavior="none"
                disabled={disabled}
                onChange={(next) => change(at, { weight: typeof next === "number" ? next : Number(next) })}
              />
            </div>
          ) : null}
        </section>
      ))}
      {weighted ? <p className="muted">{summarise("{arms:shares}", { arms: arms as unknown as Json }).full}</p> : null}
      {field.help ? <p className="muted">{field.help}</p> : null}
      {issue ? (
        <p className="wrong" role="alert">
          {issue.message} {issue.fix}
        </p>
      ) : null}
      <button
        type="button"
        className="btn btn-line"
        disabled={disabled}
        onClick={() =>
          put([
            ...arms,
            {
              id: freshId(`arm_${arms.length + 1}`, new Set(arms.map(({ id }) => id))),
              name: "",
              ...(weighted ? { weight: 50 } : {}),
            },
          ])
        }
      >
        <IconPlus className="i i14" /> Another arm
      </button>
    </div>
  );
}
