// groups 3 × 1 × 1
@group(0) @binding(0) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 168) { return; }
  let strip = t % 2;
  let column = t / 2 % 6;
  let row = t / 12 % 7;
  let n = t / 84;
  var sum = vec4f();
  var count = 0.0;
  for (var down = max(row * 2 - 1, 0); down < min(row * 2 - 1 + 3, 13); down++) {
    for (var right = max(column * 2 - 1, 0); right < min(column * 2 - 1 + 3, 12); right++) {
      let at = ((n * 13 + down) * 12 + right) * 2 + strip;
      sum += x[at];
      count += 1.0;
    }
  }
  y[t] = sum / count;
}
