// groups 41 × 1 × 1
@group(0) @binding(0) var<storage, read_write> parts: array<f32>;
@group(0) @binding(1) var<storage, read_write> slope: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read> mean: array<f32>;
@group(0) @binding(5) var<storage, read> y: array<f32>;
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 2565) { return; }
  let strip = t % 513;
  let first = t / 513 * 32;
  let end = min(first + 32, 147);

  let center = mean[strip];
  var sum = f32();
  var along = f32();
  for (var row = first; row < end; row++) {
    let at = row * 513 + strip;
    let distance = x[at] - center;
    let own = select(dy[at], f32(), y[at] <= f32());
    sum += own;
    along += own * distance;
    slope[at] = own;
  }
  parts[2 * t] = sum;
  parts[2 * t + 1] = along;
}
