// groups 1 × 1 × 1
enable f16;
@group(0) @binding(0) var<storage, read_write> y: array<f16>;
@group(0) @binding(1) var<storage, read> x: array<f16>;
@group(0) @binding(2) var<storage, read> mean: array<f32>;
@group(0) @binding(3) var<storage, read> variance: array<f32>;
@group(0) @binding(4) var<storage, read> weight: array<f32>;
@group(0) @binding(5) var<storage, read> bias: array<f32>;
@group(0) @binding(6) var<storage, read> addend: array<f16>;
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 50) { return; }
  let strip = t % 5;
  let first = t / 5 * 16;
  let center = mean[strip];
  let scale = weight[strip] * inverseSqrt(variance[strip] + 0.001f);
  let shift = bias[strip];
  for (var row = first; row < min(first + 16, 147); row++) {
    let at = row * 5 + strip;
    let value = fma(f32(x[at]) - center, scale, shift) + f32(addend[at]);
    y[at] = f16(select(value, f32(), value <= f32()));
  }
}
