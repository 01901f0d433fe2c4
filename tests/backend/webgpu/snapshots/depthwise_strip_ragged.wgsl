// groups 2 × 1 × 1
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
  if (t >= 120) { return; }
  let channel = t % 5;
  let x = t / 5 % 3 * 2;
  let left = x * 2 / 1;
  let line = t / 15 % 4;
  let y = line % 4 * 1 + line / 4;
  if (y >= 4) { return; }
  let n = t / 60;
  var a0 = f32(); var a1 = f32();
  for (var tap = 0; tap < 3; tap++) {
    let down = y * 2 + tap * 1 + -2;
    if (down < 0 || down % 1 != 0 || down / 1 >= 7) { continue; }
    let line = n * 7 + down / 1;
    let at = (line * 10 + left) * 5 + channel;
    let row = tap * 20 + channel;
    let x0 = select(f32(), source1(at + -5).x, left >= 1);
    let x1 = source1(at + 0).x;
    let x2 = source1(at + 5).x;
    let x3 = select(f32(), source1(at + 10).x, left < 8);
    let x4 = select(f32(), source1(at + 15).x, left < 7);
    let x5 = select(f32(), source1(at + 20).x, left < 6);
    let w0 = weights1(row + 0).x;
    a0 = fma(x0, w0, a0);
    a1 = fma(x2, w0, a1);
    let w1 = weights1(row + 5).x;
    a0 = fma(x1, w1, a0);
    a1 = fma(x3, w1, a1);
    let w2 = weights1(row + 10).x;
    a0 = fma(x2, w2, a0);
    a1 = fma(x4, w2, a1);
    let w3 = weights1(row + 15).x;
    a0 = fma(x3, w3, a0);
    a1 = fma(x5, w3, a1);
  }
  let to = ((n * 4 + y) * 5 + x) * 5 + channel;
  result[to + 0] = a0;
  if (x + 1 < 5) { result[to + 5] = a1; }
}
