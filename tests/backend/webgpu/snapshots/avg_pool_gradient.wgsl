// groups 3 × 1 × 1
@group(0) @binding(0) var<storage, read_write> dx: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 135) { return; }
  let strip = t % 3;
  let column = t / 3 % 5;
  let row = t / 15 % 9;
  let n = t / 135;
  var sum = f32();
  for (var i = max(row + 1, 0) / 3; i <= min((row + 0) / 3, 2); i++) {
  for (var j = max(column + 0, 0) / 1; j <= min((column + 2) / 1, 4); j++) {
    let place = ((n * 3 + i) * 5 + j) * 3 + strip;
    sum += dy[place];
  }
  }
  dx[t] = sum / 6.0;
}
