// groups 1 × 1 × 1
@group(0) @binding(0) var<storage, read_write> dWeight: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> dBias: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> coefficients: array<vec4f>;
@group(0) @binding(3) var<storage, read> parts: array<vec4f>;
@group(0) @binding(4) var<storage, read> mean: array<vec4f>;
@group(0) @binding(5) var<storage, read> variance: array<vec4f>;
@group(0) @binding(6) var<storage, read> weight: array<vec4f>;
fn together(lane: i32, value: vec4f) -> vec4f { return value; }
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 4) { return; }
  let item = t;
  let lane = 0;
  var sum = vec4f();
  var along = vec4f();
  for (var part = lane; part < 256; part += 1) {
    let at = 2 * (part * 4 + item);
    sum += parts[at];
    along += parts[at + 1];
  }
  sum = together(lane, sum);
  along = together(lane, along);
  if (lane == 0) {
    let inverse = inverseSqrt(variance[item] + 0.001f);
    let scale = weight[item] * inverse;
    dWeight[item] = along * inverse;
    dBias[item] = sum;
    coefficients[4 * item] = scale;
    coefficients[4 * item + 1] = -scale * inverse * inverse * along / 2048.0;
    coefficients[4 * item + 2] = -scale * sum / 2048.0;
    coefficients[4 * item + 3] = mean[item];
  }
}
