/**
 * Cyclic redundancy checks of 32 bits: what tells that bytes were damaged. Formats differ in the
 * polynomial only.
 *
 * @module
 */

/** Gives the checksum of bytes. */
export type Crc = (bytes: Uint8Array) => number;

/** The checksum of PNG and gzip. */
export const crc32: Crc = crc(0xedb88320);

/** The checksum of TFRecord files: that of Castagnoli. */
export const crc32c: Crc = crc(0x82f63b78);

/** Makes the checksum of a polynomial, given with its bits in reverse. */
function crc(polynomial: number): Crc {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? polynomial ^ byte >>> 1 : byte >>> 1;
    return byte;
  });
  return (bytes) => {
    let crc = 0xffffffff;
    for (const byte of bytes) crc = table[(crc ^ byte) & 0xff]! ^ crc >>> 8;
    return (crc ^ 0xffffffff) >>> 0;
  };
}
