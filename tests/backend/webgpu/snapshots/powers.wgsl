// groups 5 × 1 × 1
@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
var<private> infinity = 0x7f800000u;
var<private> nan = 0x7fc00000u;
fn bits_of(x: f32) -> u32 { return bitcast<u32>(x) & 0x7fffffffu; }
fn power(a: f32, b: f32) -> f32 {
  if (b == 0.0) { return 1.0; }
  if (max(bits_of(a), bits_of(b)) > infinity) { return bitcast<f32>(nan); }
  let odd = floor(b) == b && floor(b / 2.0) * 2.0 != b;
  if (a == 0.0 || bits_of(a) == infinity) {
    let size = select(0.0, bitcast<f32>(infinity), (b < 0.0) == (a == 0.0));
    return select(size, -size, a < 0.0 && odd);
  }
  if (a < 0.0 && floor(b) != b) { return bitcast<f32>(nan); }
  let size = pow(abs(a), b);
  return select(size, -size, a < 0.0 && odd);
}
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 297) { return; }
  y[t] = power(a[t / 9 % 11 * 1], b[t / 1 % 9 * 1 + t / 99 % 3 * 9]);
}
