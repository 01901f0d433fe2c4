// groups 2 × 1 × 1
@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 90) { return; }
  var at = t / 30 * 210 + t % 30 + 180;
  var all = f32(0);
  for (var i = 0; i < 7; i++) {
    y[at] = all;
    all = all + x[at];
    at += -30;
  }
}
