/** What a picture must be: well-formed, of numbers, and with a title. */

import { assert, assertEquals } from "@std/assert";

/** Checks that every element is closed, in order, and that every number is one. */
export function assertPicture(svg: string): void {
  const tags = [...svg.matchAll(/<(\/?)([a-z]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/gi)];
  const open: string[] = [];
  for (const [, close, name, , self] of tags) {
    if (close) assertEquals(open.pop(), name);
    else if (!self) open.push(name!);
  }
  assertEquals(open, []);
  assertEquals(svg.match(/</g)?.length, tags.length, "nothing but tags begins with <");
  assert(!/NaN|Infinity|undefined|\[object/.test(svg), "numbers only");
  assert(/<title>[^<]+<\/title>/.test(svg));
  assert(svg.includes("prefers-color-scheme: dark"));
}

/** The texts of a picture. */
export function textsOf(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text!);
}
