// groups 1 × 1 × 1
@group(0) @binding(0) var<storage, read_write> weights: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> biases: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read> x: array<vec4f>;
@group(0) @binding(4) var<storage, read> moments: array<vec2f>;
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 18) { return; }
  let strip = t % 2;
  let first = t / 2 * 8;
  let end = min(first + 8, 70);

  var along = vec4f();
  var sum = vec4f();
  for (var row = first; row < end; row++) {
    let at = row * 2 + strip;
    along += dy[at] * ((x[at] - moments[row].x) * moments[row].y);
    sum += dy[at];
  }
  weights[t] = along;
  biases[t] = sum;
}
