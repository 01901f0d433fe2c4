// groups 3 × 1 × 1
@group(0) @binding(0) var<storage, read_write> y: array<f32>;
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
fn across(a: vec4f) -> f32 {
  return larger_f32(larger_f32(a.x, a.y), larger_f32(a.z, a.w));
}
var<workgroup> together_of: array<f32, 64>;
fn together(lane: i32, value: f32) -> f32 {
  together_of[lane] = value;
  for (var apart = 32; apart > 0; apart /= 2) {
    workgroupBarrier();
    if (lane < apart) {
      let a = together_of[lane];
      let b = together_of[lane + apart];
      together_of[lane] = larger_f32(a, b);
    }
  }
  workgroupBarrier();
  let all = together_of[0];
  workgroupBarrier();
  return all;
}
@compute @workgroup_size(64) fn main(
  @builtin(workgroup_id) team: vec3u, @builtin(num_workgroups) teams: vec3u,
  @builtin(local_invocation_index) index: u32
) {
  let item = i32(team.x + team.y * teams.x);
  if (item >= 3) { return; }
  let lane = i32(index);
  let strip = item % 1;
  let part = item / 1 % 1;
  let first = part * 257;
  let end = min(first + 257, 257);
  let base = (item / 1 * 257 + first) * 1 + strip;
  var a = x[base];
  for (var i = lane; i < end - first; i += 64) {
    let b = x[base + i * 1];
    a = larger_vec4f(a, b);
  }
  let all = together(lane, across(a));
  if (lane == 0) { y[item] = all; }
}
