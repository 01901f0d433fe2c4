// groups 8 × 1 × 1
@group(0) @binding(0) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> mean: array<vec4f>;
@group(0) @binding(3) var<storage, read> variance: array<vec4f>;
@group(0) @binding(4) var<storage, read> weight: array<vec4f>;
@group(0) @binding(5) var<storage, read> bias: array<vec4f>;
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 512) { return; }
  let strip = t % 4;
  let first = t / 4 * 16;
  let center = mean[strip];
  let scale = weight[strip] * inverseSqrt(variance[strip] + 0.001f);
  let shift = bias[strip];
  for (var row = first; row < min(first + 16, 2048); row++) {
    let at = row * 4 + strip;
    let value = fma(x[at] - center, scale, shift);
    y[at] = value;
  }
}
