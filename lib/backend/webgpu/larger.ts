/**
 * The larger of two values in WGSL, where what is not a number is larger than all that are. The bits
 * are asked: a compiler may take for granted that every value is a number.
 *
 * @module
 */

/** Declares `larger_f32` and `larger_vec4f`. */
export const LARGER: string = (["f32", "vec4f"] as const).map((type) => {
  const [bits, truth] = type === "f32" ? ["u32", "bool"] : ["vec4u", "vec4<bool>"];
  return `fn is_nan_${type}(x: ${type}) -> ${truth} {
  return (bitcast<${bits}>(x) & ${bits}(0x7fffffffu)) > ${bits}(0x7f800000u);
}
fn larger_${type}(a: ${type}, b: ${type}) -> ${type} {
  return select(a, select(select(a, b, b > a), b, is_nan_${type}(b)), !is_nan_${type}(a));
}
`;
}).join("");
