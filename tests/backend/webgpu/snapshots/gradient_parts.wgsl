// groups 16 × 1 × 1
@group(0) @binding(0) var<storage, read_write> parts: array<vec4f>;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read> mean: array<vec4f>;
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 1024) { return; }
  let strip = t % 4;
  let first = t / 4 * 8;
  let end = min(first + 8, 2048);

  let center = mean[strip];
  var sum = vec4f();
  var along = vec4f();
  for (var row = first; row < end; row++) {
    let at = row * 4 + strip;
    let own = dy[at];
    sum += own;
    along += own * (x[at] - center);
  }
  parts[2 * t] = sum;
  parts[2 * t + 1] = along;
}
