/**
 * Reading JSON that may be damaged: what is no object is an empty one, of which every field is missing.
 *
 * @module
 */

/** Gives the fields of the object that a text holds. */
export function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
