/** Working on one flow together: who else is here, what they have chosen, and their saves as they come. */

import { useEffect, useMemo } from "react";
import type { Other } from "@/canvas/Canvas";
import type { Person } from "@/live/client";
import { usePeople, useTopic } from "@/live/useTopic";
import { toneOf } from "./People";
import type { Saver } from "./saver";
import { useEditor } from "./store";

interface FlowHead {
  readonly flow?: { readonly draft_revision?: number };
}

const revisionOf = (state: FlowHead) => state.flow?.draft_revision ?? 0;

export function useTogether(flow: string, saver: Saver, building: boolean): readonly Person[] {
  const selection = useEditor((state) => state.selection);
  const chosen = useMemo(() => (building ? [...selection].slice(0, 20) : []), [selection, building]);
  const topic = `flow:${flow}`;
  const people = usePeople(topic, chosen);
  const revision = useTopic<FlowHead, number>(topic, revisionOf) ?? 0;
  useEffect(() => {
    if (revision) void saver.pull(revision);
  }, [saver, revision]);
  return people;
}

/** Cards by who else has them chosen. */
export function othersOf(people: readonly Person[]): ReadonlyMap<string, readonly Other[]> {
  const map = new Map<string, Other[]>();
  for (const { name, you, chosen } of people) {
    const other: Other = { name: you ? "You, elsewhere" : (name.split("@")[0] ?? name), tone: toneOf(name) };
    for (const id of chosen) map.set(id, [...(map.get(id) ?? []), other]);
  }
  return map;
}
