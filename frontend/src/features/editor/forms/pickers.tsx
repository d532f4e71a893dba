/** Pickers of what the workspace has: another flow, a segment. */

import { Select } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { Link } from "react-router";
import { useWhere } from "./context";
import { common, type FieldProps } from "./field";
import { Labelled } from "./Labelled";
import { useFlows, useSegments } from "./lists";
import { asText } from "./schema";

export function FlowField(props: FieldProps) {
  const { flow } = useWhere();
  const { data = [], isLoading } = useFlows();
  const picked = asText(props.value);
  const options = data
    .filter(({ id }) => id !== flow)
    .map(({ id, name, state }) => ({ value: id, label: state === "live" ? name : `${name} (${state})` }));
  const known = data.find(({ id }) => id === picked);
  if (picked && !options.some(({ value }) => value === picked))
    options.push({ value: picked, label: known ? known.name : isLoading ? "…" : "A flow that is gone" });
  return (
    <Labelled {...props}>
      {(ids) => (
        <>
          <Select
            {...common(props, ids)}
            placeholder={common(props, ids).placeholder ?? "Choose a flow"}
            data={options}
            value={picked || null}
            searchable
            clearable={!props.field.required}
            nothingFoundMessage={data.length ? "No flow is called so" : "There is no other flow yet"}
            onChange={(value) => props.onChange(value ?? undefined)}
          />
          {picked && known ? (
            <Link className="link s12 below" to={`/flows/${picked}`} target="_blank" rel="noreferrer">
              Open {known.name} <IconExternalLink className="i i12" aria-hidden="true" />
            </Link>
          ) : null}
        </>
      )}
    </Labelled>
  );
}

export function SegmentField(props: FieldProps) {
  const { data, isLoading } = useSegments();
  const picked = asText(props.value);
  const segments = data ?? [];
  const options = segments.map(({ id, name, size }) => ({
    value: id,
    label: size === null ? name : `${name} (${size.toLocaleString("en")})`,
  }));
  if (picked && !options.some(({ value }) => value === picked))
    options.push({ value: picked, label: isLoading ? "…" : "A segment that is gone" });
  return (
    <Labelled {...props}>
      {(ids) => (
        <>
          <Select
            {...common(props, ids)}
            placeholder={common(props, ids).placeholder ?? "Choose a segment"}
            data={options}
            value={picked || null}
            searchable
            clearable={!props.field.required}
            disabled={props.disabled || (!isLoading && options.length === 0)}
            nothingFoundMessage="No segment is called so"
            onChange={(value) => props.onChange(value ?? undefined)}
          />
          {!isLoading && segments.length === 0 ? (
            <p className="said" data-testid="no-segments">
              {data === null ? "This server has no segments." : "This workspace has no segments yet."}
            </p>
          ) : null}
        </>
      )}
    </Labelled>
  );
}
