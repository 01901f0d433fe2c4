// groups 7 × 1 × 1
@group(0) @binding(0) var<storage, read_write> result: array<f32>;
@group(0) @binding(1) var source: texture_2d<f32>;
@group(0) @binding(2) var weights: texture_2d<f32>;
fn source1(i: i32) -> vec4f {
  return vec4f(textureLoad(source, vec2i((i + 0) & 4095, (i + 0) >> 12), 0).x, 0.0, 0.0, 0.0);
}
fn weights1(i: i32) -> vec4f {
  return vec4f(textureLoad(weights, vec2i((i + 0) & 4095, (i + 0) >> 12), 0).x, 0.0, 0.0, 0.0);
}
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 400) { return; }
  let channel = t % 5;
  let x = t / 5 % 5 * 2;
  let left = x * 1 / 2;
  let line = t / 25 % 8;
  let y = line % 4 * 2 + line / 4;
  if (y >= 7) { return; }
  let n = t / 200;
  var a0 = f32(); var a1 = f32();
  for (var tap = 0; tap < 3; tap++) {
    let down = y * 1 + tap * -1 + 2;
    if (down < 0 || down % 2 != 0 || down / 2 >= 4) { continue; }
    let line = n * 4 + down / 2;
    let at = (line * 5 + left) * 5 + channel;
    let row = tap * 20 + channel;
    let x0 = select(f32(), source1(at + -5).x, left >= 1);
    let x1 = source1(at + 0).x;
    let x2 = select(f32(), source1(at + 5).x, left < 4);
    let w0 = weights1(row + 0).x;
    a1 = fma(x2, w0, a1);
    let w1 = weights1(row + 5).x;
    a0 = fma(x1, w1, a0);
    let w2 = weights1(row + 10).x;
    a1 = fma(x1, w2, a1);
    let w3 = weights1(row + 15).x;
    a0 = fma(x0, w3, a0);
  }
  let to = ((n * 7 + y) * 10 + x) * 5 + channel;
  result[to + 0] = a0;
  result[to + 5] = a1;
}
