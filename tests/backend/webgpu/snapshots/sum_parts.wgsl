// groups 1 × 1 × 1
@group(0) @binding(0) var<storage, read_write> sums: array<vec4f>;
@group(0) @binding(1) var parts: texture_2d<f32>;
fn parts4(i: i32) -> vec4f {
  return textureLoad(parts, vec2i((i) & 4095, (i) >> 12), 0);
}
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 2) { return; }
  var at = t / 2 * 6 + t % 2;
  var sum = parts4(at);
  for (var i = 1; i < 3; i++) {
    at += 2;
    sum += parts4(at);
  }
  sums[t] = sum;
}
