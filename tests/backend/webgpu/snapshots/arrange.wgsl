// groups 2048 × 1 × 1
@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<storage, read> bytes: array<u32>;
@group(0) @binding(2) var<storage, read> places: array<i32>;
@group(0) @binding(3) var<storage, read> table: array<f32>;

fn within(i: i32, j: i32, edges: i32) -> bool {
  return i >= places[edges] && j >= places[edges + 1] && i < places[edges + 2] && j < places[edges + 3];
}
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 131072) { return; }
  let n = t / 1024;
  let place = n * 11;
  let i = places[place] + t / 32 % 32;
  let j = places[place + 1] + places[place + 2] * (t % 32);
  let is_seen = within(i, j, place + 3);
  let is_zero = !within(i, j, place + 7);
  let first = (i * 32 + j) * 3;
  for (var c = 0; c < 3; c++) {
    var byte = 0u;
    if (is_seen) {
      let at = n * 3072 + first + c;
      byte = bytes[at / 4] >> u32(at % 4 * 8) & 255u;
    }
    var value = 0.0;
    if (!is_zero) { value = table[(c) * 256 + i32(byte)]; }
    y[t * 3 + c] = value;
  }
}
