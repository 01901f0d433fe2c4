// groups 32 × 1 × 1
@group(0) @binding(0) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read> coefficients: array<vec4f>;
@group(0) @binding(4) var<storage, read> y: array<vec4f>;
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 2048) { return; }
  let strip = t % 4;
  let first = t / 4 * 4;
  let scale = coefficients[4 * strip];
  let along = coefficients[4 * strip + 1];
  let aside = coefficients[4 * strip + 2];
  let center = coefficients[4 * strip + 3];
  for (var row = first; row < min(first + 4, 2048); row++) {
    let at = row * 4 + strip;
    dx[at] = fma(select(dy[at], vec4f(), y[at] <= vec4f()), scale, fma(x[at] - center, along, aside));
  }
}
