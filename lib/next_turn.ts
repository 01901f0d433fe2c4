/**
 * Waiting for the next turn of the event loop.
 *
 * @module
 */

/** Lets all that waits have its turn: timers, signals, and what a device has to tell. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
