/** Rows and groups of a condition by their place: [1, 0] is the first row of the second row, which is a group. */

import { type Group, isGroup, joinOf, makeGroup, type Rule, rulesOf } from "./rules";

export type Place = readonly number[];

export function ruleAt(group: Group, place: Place): Rule | undefined {
  return place.reduce<Rule | undefined>((rule, at) => (rule && isGroup(rule) ? rulesOf(rule)[at] : undefined), group);
}

function within(group: Group, place: Place, change: (rules: Rule[], at: number) => void): Group {
  const [at = 0, ...rest] = place;
  const rules = [...rulesOf(group)];
  const inner = rules[at];
  if (rest.length && inner && isGroup(inner)) rules[at] = within(inner, rest, change);
  else if (!rest.length) change(rules, at);
  return makeGroup(joinOf(group), rules);
}

/** Groups that have lost their last row leave with it. */
function swept(rule: Rule): Rule | null {
  if (!isGroup(rule)) return rule;
  const rules = rulesOf(rule).flatMap((each) => swept(each) ?? []);
  return rules.length ? makeGroup(joinOf(rule), rules) : null;
}

export function replaceRule(group: Group, place: Place, rule: Rule): Group {
  return within(group, place, (rules, at) => rules.splice(at, 1, rule));
}

export function insertRule(group: Group, place: Place, rule: Rule): Group {
  return within(group, place, (rules, at) => rules.splice(at, 0, rule));
}

/** Without the rule; a group that it leaves empty goes, too, the outermost excepted. */
export function removeRule(group: Group, place: Place): Group {
  const left = within(group, place, (rules, at) => rules.splice(at, 1));
  const kept = swept(left);
  return kept && isGroup(kept) ? kept : makeGroup(joinOf(group), []);
}

const inside = (place: Place, outer: Place) => outer.every((at, index) => place[index] === at);

/** Takes a rule from one place and puts it before what stands at another; never a group into itself. */
export function moveRule(group: Group, from: Place, to: Place): Group {
  const rule = ruleAt(group, from);
  if (!rule || inside(to, from)) return group;
  const depth = from.length - 1;
  const last = from[depth] ?? 0;
  // What is taken out before the target shifts the target, where both stand in the same group.
  const sameGroup = inside(to, from.slice(0, depth));
  const shifted = sameGroup && (to[depth] ?? 0) > last ? to.map((at, index) => (index === depth ? at - 1 : at)) : to;
  const taken = within(group, from, (rules, at) => rules.splice(at, 1));
  const put = insertRule(taken, shifted, rule);
  const kept = swept(put);
  return kept && isGroup(kept) ? kept : put;
}
