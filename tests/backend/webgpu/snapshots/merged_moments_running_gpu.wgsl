// groups 513 × 1 × 1
@group(0) @binding(0) var<storage, read_write> mean: array<f32>;
@group(0) @binding(1) var<storage, read_write> variance: array<f32>;
@group(0) @binding(2) var<storage, read_write> nextMean: array<f32>;
@group(0) @binding(3) var<storage, read_write> nextVariance: array<f32>;
@group(0) @binding(4) var<storage, read> parts: array<f32>;
@group(0) @binding(5) var<storage, read> x: array<f32>;
@group(0) @binding(6) var<storage, read> oldMean: array<f32>;
@group(0) @binding(7) var<storage, read> oldVariance: array<f32>;
var<workgroup> together_of: array<f32, 256>;
fn together(lane: i32, value: f32) -> f32 {
  together_of[lane] = value;
  for (var apart = 128; apart > 0; apart /= 2) {
    workgroupBarrier();
    if (lane < apart) {
      let a = together_of[lane];
      let b = together_of[lane + apart];
      together_of[lane] = a + b;
    }
  }
  workgroupBarrier();
  let all = together_of[0];
  workgroupBarrier();
  return all;
}
@compute @workgroup_size(256) fn main(
  @builtin(workgroup_id) team: vec3u, @builtin(num_workgroups) teams: vec3u,
  @builtin(local_invocation_index) index: u32
) {
  let item = i32(team.x + team.y * teams.x);
  if (item >= 513) { return; }
  let lane = i32(index);
  var shift = f32();
  for (var part = lane; part < 5; part += 256) {
    let count = f32(min(32, 147 - part * 32));
    let at = 2 * (part * 513 + item);
    shift += count * parts[at];
  }
  let center = together(lane, shift) / 147.0;
  var squares = f32();
  for (var part = lane; part < 5; part += 256) {
    let count = f32(min(32, 147 - part * 32));
    let at = 2 * (part * 513 + item);
    let distance = parts[at] - center;
    squares += parts[at + 1] + count * distance * distance;
  }
  let spread = together(lane, squares) / 147.0;
  if (lane == 0) {
    mean[item] = x[item] + center;
    variance[item] = spread;
    nextMean[item] = 0.9f * oldMean[item] + 0.09999999999999998f * mean[item];
    nextVariance[item] = 0.9f * oldVariance[item] + 0.09999999999999998f * (spread * 1.0068493150684932f);
  }
}
