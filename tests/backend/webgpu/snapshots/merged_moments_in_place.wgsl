// groups 1 × 1 × 1
@group(0) @binding(0) var<storage, read_write> mean: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> variance: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> oldMean: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> oldVariance: array<vec4f>;
@group(0) @binding(4) var<storage, read> parts: array<vec4f>;
@group(0) @binding(5) var<storage, read> x: array<vec4f>;
fn together(lane: i32, value: vec4f) -> vec4f { return value; }
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 4) { return; }
  let item = t;
  let lane = 0;
  var shift = vec4f();
  for (var part = lane; part < 256; part += 1) {
    let count = f32(min(8, 2048 - part * 8));
    let at = 2 * (part * 4 + item);
    shift += count * parts[at];
  }
  let center = together(lane, shift) / 2048.0;
  var squares = vec4f();
  for (var part = lane; part < 256; part += 1) {
    let count = f32(min(8, 2048 - part * 8));
    let at = 2 * (part * 4 + item);
    let distance = parts[at] - center;
    squares += parts[at + 1] + count * distance * distance;
  }
  let spread = together(lane, squares) / 2048.0;
  if (lane == 0) {
    mean[item] = x[item] + center;
    variance[item] = spread;
    oldMean[item] = 0.9f * oldMean[item] + 0.09999999999999998f * mean[item];
    oldVariance[item] = 0.9f * oldVariance[item] + 0.09999999999999998f * (spread * 1.0004885197850513f);
  }
}
