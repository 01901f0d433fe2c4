/**
 * Places where the system refuses in earnest to write: disks that are full or only read, folders without
 * rights, files that must not grow. They are made without the rights of an administrator, and end with
 * the program that runs in them.
 *
 * @module
 */

import { shell } from "./shell.ts";

/** A place where the system refuses to write. */
export type Place = {
  /** A script that makes the folder `$1` such a place, and runs the other arguments as a command. */
  readonly script: string;
  /** Why there is no such place on this system, if there is none. */
  readonly missing: string | undefined;
};

/** Tells of what a place needs whether this system has it; gives why not, if it has not. */
async function whyNot(script: string): Promise<string | undefined> {
  const { code, err } = await shell(`${script} || exit 77`);
  if (code !== 0 && code !== 77) throw new Error(err);
  return code === 0 ? undefined : err;
}

const missing = await whyNot("unshare -Urm mount -t tmpfs none /tmp");
const withMounts = (script: string): Place => ({
  // Mounts in a world of its own end with the script, and need no rights.
  script: `exec unshare -Urm sh -ec 'f=$1; shift; ${script}' sh "$@"`,
  missing,
});

/** A disk of so many KiB, on which everything is that was in the folder. */
export function smallDisk(size: number, then = 'exec "$@"'): Place {
  return withMounts(
    `cp -r "$f" "$f.copy"; mount -t tmpfs -o size=${size}k none "$f"; cp -r "$f.copy/." "$f"; ${then}`,
  );
}

/** A disk from which one can read only. */
export const readOnlyDisk: Place = withMounts(
  'mount --bind "$f" "$f"; mount -o remount,bind,ro "$f"; exec "$@"',
);

/** A folder in which nothing new can be made, not even by those who are above all rights elsewhere. */
export const closedFolder: Place = {
  script: 'chmod 555 "$1"; shift; exec unshare -U "$@"',
  missing: await whyNot("unshare -U true"),
};

/** Where no file can have more than a hundred blocks, of 512 or 1024 bytes. */
export const smallFiles: Place = {
  script: 'trap "" XFSZ; ulimit -f 100; shift; exec "$@"',
  missing: await whyNot("ulimit -f 100"),
};
