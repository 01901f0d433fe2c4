/**
 * Where the buffers of a recorded step go. Two that are never needed at the same time share memory:
 * the largest are placed first, each in the smallest place that is free while it is needed (Pisarchyk
 * and Lee, *Efficient memory management for deep neural net inference*, 2020).
 *
 * @module
 */

/** What a buffer needs: bytes, from the first operation that uses it to the last. */
export interface Need {
  /** Number of bytes. */
  readonly size: number;
  /** Number of the first operation that uses it. */
  first: number;
  /** Number of the last operation that uses it. */
  last: number;
}

/** A place for buffers that take turns. */
interface Place {
  readonly size: number;
  readonly taken: Need[];
}

/** Gives the number of the place of each need, and the sizes of the places, largest first. */
export function planMemory(
  needs: readonly Need[],
): { readonly places: readonly number[]; readonly sizes: readonly number[] } {
  const places: Place[] = [];
  const chosen = new Array<number>(needs.length);
  const order = needs.map((_, i) => i).sort((a, b) => needs[b]!.size - needs[a]!.size);
  for (const i of order) {
    const need = needs[i]!;
    let at = places.findLastIndex(({ taken }) => taken.every((other) => apart(need, other)));
    if (at < 0) at = places.push({ size: need.size, taken: [] }) - 1;
    places[at]!.taken.push(need);
    chosen[i] = at;
  }
  return { places: chosen, sizes: places.map(({ size }) => size) };
}

/** One operation may not read and write the same buffer, so even a shared end is too close. */
function apart(a: Need, b: Need): boolean {
  return a.last < b.first || b.last < a.first;
}
