/** Writes a file again and again, all of one letter each time, until it is killed. */

import { writeFileAtomic } from "../../lib/deno/write_file.ts";

for (let n = 0;; n++) {
  await writeFileAtomic(Deno.args[0]!, new Uint8Array(4_000_000).fill(97 + n % 26));
}
