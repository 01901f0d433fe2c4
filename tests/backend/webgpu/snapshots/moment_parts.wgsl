// groups 16 × 1 × 1
@group(0) @binding(0) var<storage, read_write> parts: array<vec4f>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 1024) { return; }
  let strip = t % 4;
  let first = t / 4 * 8;
  let end = min(first + 8, 2048);

  let pivot = x[first * 4 + strip];
  var sum = vec4f();
  var squares = vec4f();
  for (var row = first + 1; row < end; row++) {
    let distance = x[row * 4 + strip] - pivot;
    sum += distance;
    squares += distance * distance;
  }
  let mean = sum / f32(end - first);
  parts[2 * t] = pivot - x[strip] + mean;
  parts[2 * t + 1] = squares - sum * mean;
}
