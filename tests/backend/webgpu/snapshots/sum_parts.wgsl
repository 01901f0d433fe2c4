// groups 1 × 1 × 1
@group(0) @binding(0) var<storage, read_write> sums: array<vec4f>;
@group(0) @binding(1) var<storage, read> parts: array<vec4f>;
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 2) { return; }
  var at = t / 2 * 6 + t % 2;
  var sum = parts[at];
  for (var i = 1; i < 3; i++) {
    at += 2;
    sum += parts[at];
  }
  sums[t] = sum;
}
