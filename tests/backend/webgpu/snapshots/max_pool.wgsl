// groups 3 × 1 × 1
@group(0) @binding(0) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
fn is_nan_f32(x: f32) -> bool {
  return (bitcast<u32>(x) & u32(0x7fffffffu)) > u32(0x7f800000u);
}
fn larger_f32(a: f32, b: f32) -> f32 {
  return select(a, select(select(a, b, b > a), b, is_nan_f32(b)), !is_nan_f32(a));
}
fn is_nan_vec4f(x: vec4f) -> vec4<bool> {
  return (bitcast<vec4u>(x) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u);
}
fn larger_vec4f(a: vec4f, b: vec4f) -> vec4f {
  return select(a, select(select(a, b, b > a), b, is_nan_vec4f(b)), !is_nan_vec4f(a));
}
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 168) { return; }
  let strip = t % 2;
  let column = t / 2 % 6;
  let row = t / 12 % 7;
  let n = t / 84;
  var best = vec4f();
  var best_at = vec4i(-1);
  for (var down = max(row * 2 - 1, 0); down < min(row * 2 - 1 + 3, 13); down++) {
    for (var right = max(column * 2 - 1, 0); right < min(column * 2 - 1 + 3, 12); right++) {
      let at = ((n * 13 + down) * 12 + right) * 2 + strip;
      let value = x[at];
      let better = (best_at < vec4i()) | is_nan_vec4f(value) | (value > best);
      best = select(best, value, better);
      best_at = select(best_at, vec4i(at), better);
    }
  }
  y[t] = best;
}
