/**
 * Threads that work on one item together and share what they find through the memory of their group.
 * On a software adapter, where that is slow, a team is one thread if that can be, and its text has no
 * barrier.
 *
 * @module
 */

import { entry, GROUP, groupsFor, MOST_ROUNDS, type Program } from "./program.ts";

/** Most threads of a team. */
const MOST_LANES = 256;

/**
 * Gives the threads that go along something together, so many times; on a software adapter that is one
 * thread, unless its loops would be cut short.
 */
export function lanesFor(length: number, software: boolean, times = 1): number {
  if (software && times * length <= MOST_ROUNDS) return 1;
  return Math.min(MOST_LANES, 2 ** Math.ceil(Math.log2(length)));
}

/** An entry point with the body run for each `item` by `lanes` threads, of which each is a `lane`. */
export function teamEntry(items: number, lanes: number, body: string): string {
  if (lanes === 1) return entry(items, `  let item = t;\n  let lane = 0;\n${body}`);
  return `@compute @workgroup_size(${lanes}) fn main(
  @builtin(workgroup_id) team: vec3u, @builtin(num_workgroups) teams: vec3u,
  @builtin(local_invocation_index) index: u32
) {
  let item = i32(team.x + team.y * teams.x);
  if (item >= ${items}) { return; }
  let lane = i32(index);
${body}
}
`;
}

/** Gives the groups for a number of items. */
export function teamGroups(items: number, lanes: number): Program["groups"] {
  return groupsFor(items, lanes === 1 ? GROUP : 1);
}

/**
 * Declares `name(lane, value)`, which all lanes of a team call together and which gives each of them
 * what `both`, an expression of `a` and `b`, makes of their values. The number of lanes is a power of two.
 */
export function together(name: string, type: string, lanes: number, both: string): string {
  if (lanes === 1) return `fn ${name}(lane: i32, value: ${type}) -> ${type} { return value; }\n`;
  return `var<workgroup> ${name}_of: array<${type}, ${lanes}>;
fn ${name}(lane: i32, value: ${type}) -> ${type} {
  ${name}_of[lane] = value;
  for (var apart = ${lanes / 2}; apart > 0; apart /= 2) {
    workgroupBarrier();
    if (lane < apart) {
      let a = ${name}_of[lane];
      let b = ${name}_of[lane + apart];
      ${name}_of[lane] = ${both};
    }
  }
  workgroupBarrier();
  let all = ${name}_of[0];
  workgroupBarrier();
  return all;
}
`;
}
