// groups 8 × 1 × 1
@group(0) @binding(0) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read> coefficients: array<vec4f>;
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 512) { return; }
  let strip = t % 4;
  let first = t / 4 * 16;
  let scale = coefficients[4 * strip];
  let along = coefficients[4 * strip + 1];
  let aside = coefficients[4 * strip + 2];
  let center = coefficients[4 * strip + 3];
  let shift = bias[strip];
  for (var row = first; row < min(first + 16, 2048); row++) {
    let at = row * 4 + strip;
    let distance = x[at] - center;
    dx[at] = fma(select(dy[at], vec4f(), fma(distance, scale, shift) <= vec4f()), scale, fma(distance, along, aside));
  }
}
