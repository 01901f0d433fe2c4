/**
 * The JSON of a safetensors header, read by hand. JSON.parse could not replace this: it hides a name
 * that occurs twice, rounds large integers, and does not say where a mistake is.
 *
 * @module
 */

import { FormatError } from "../errors.ts";

/** Bytes before the header: its length, as a little-endian integer of 64 bits. */
export const PREFIX = 8;

/** Refuses a file at a byte. */
export function fail(reason: string, offset: number): never {
  throw new FormatError(`Cannot read safetensors data: ${reason}`, offset);
}

/** Reads the JSON of a header from front to back, without recursion. */
export class HeaderScanner {
  #at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
    // The format asks for it; white space is allowed everywhere else.
    if (text[0] !== "{") this.#unexpected('"{"');
  }

  /** Reads an object; `member` is called with each name and reads the value. */
  object(member: (name: string) => void): void {
    this.#expect("{");
    if (this.#take("}")) return;
    do {
      const name = this.string();
      this.#expect(":");
      member(name);
    } while (this.#take(","));
    this.#expect("}");
  }

  /** Reads a string. */
  string(): string {
    this.#skip();
    const start = this.#at;
    if (this.#text[start] !== '"') this.#unexpected("a string");
    let end = start + 1;
    while (end < this.#text.length && this.#text[end] !== '"') {
      end += this.#text[end] === "\\" ? 2 : 1;
    }
    this.#at = end + 1;
    try {
      const value: string = JSON.parse(this.#text.slice(start, this.#at));
      if (value.isWellFormed()) return value;
    } catch { /* Refused below. */ }
    this.#at = start;
    return this.fail("the string is not closed or not JSON");
  }

  /** Reads an array of integers from 0 to 2⁵³-1. */
  integers(): number[] {
    this.#expect("[");
    const values: number[] = [];
    if (this.#take("]")) return values;
    do values.push(this.#integer()); while (this.#take(","));
    this.#expect("]");
    return values;
  }

  /** Checks that only white space is left. */
  finish(): void {
    this.#skip();
    if (this.#at < this.#text.length) this.#unexpected("the end");
  }

  /** Refuses the header at the place where the scanner is. */
  fail(reason: string): never {
    const before = new TextEncoder().encode(this.#text.slice(0, this.#at)).length;
    return fail(reason, PREFIX + before);
  }

  #integer(): number {
    this.#skip();
    let end = this.#at;
    while (/[-+.0-9eE]/.test(this.#text[end] ?? "")) end++;
    const token = this.#text.slice(this.#at, end);
    const value = Number(token);
    if (!/^(0|[1-9][0-9]*)$/.test(token) || !Number.isSafeInteger(value)) {
      this.#unexpected(`an integer from 0 to ${Number.MAX_SAFE_INTEGER}`, token || undefined);
    }
    this.#at = end;
    return value;
  }

  #skip(): void {
    while (/[ \t\n\r]/.test(this.#text[this.#at] ?? "")) this.#at++;
  }

  #take(char: string): boolean {
    this.#skip();
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #expect(char: string): void {
    if (!this.#take(char)) this.#unexpected(`"${char}"`);
  }

  #unexpected(need: string, token = this.#text[this.#at]): never {
    const got = token ? JSON.stringify(token.slice(0, 40)) : "the end";
    return this.fail(`the header has ${got}, need ${need}`);
  }
}
