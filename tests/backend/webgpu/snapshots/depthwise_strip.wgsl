// groups 1 × 1 × 1
@group(0) @binding(0) var<storage, read_write> result: array<vec4f>;
@group(0) @binding(1) var source: texture_2d<f32>;
@group(0) @binding(2) var weights: texture_2d<f32>;
fn source4(i: i32) -> vec4f {
  return textureLoad(source, vec2i((i) & 4095, (i) >> 12), 0);
}
fn weights4(i: i32) -> vec4f {
  return textureLoad(weights, vec2i((i) & 4095, (i) >> 12), 0);
}
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 16) { return; }
  let channel = t % 2;
  let x = t / 2 % 2 * 2;
  let left = x * 1 / 1;
  let line = t / 4 % 4;
  let y = line % 4 * 1 + line / 4;
  if (y >= 4) { return; }
  let n = t / 16;
  var a0 = vec4f(); var a1 = vec4f();
  for (var tap = 0; tap < 3; tap++) {
    let down = y * 1 + tap * 1 + -1;
    if (down < 0 || down % 1 != 0 || down / 1 >= 4) { continue; }
    let line = n * 4 + down / 1;
    let at = (line * 4 + left) * 2 + channel;
    let row = tap * 6 + channel;
    let x0 = select(vec4f(), source4(at + -2), left >= 1);
    let x1 = source4(at + 0);
    let x2 = source4(at + 2);
    let x3 = select(vec4f(), source4(at + 4), left < 2);
    let w0 = weights4(row + 0);
    a0 = fma(x0, w0, a0);
    a1 = fma(x1, w0, a1);
    let w1 = weights4(row + 2);
    a0 = fma(x1, w1, a0);
    a1 = fma(x2, w1, a1);
    let w2 = weights4(row + 4);
    a0 = fma(x2, w2, a0);
    a1 = fma(x3, w2, a1);
  }
  let to = ((n * 4 + y) * 4 + x) * 2 + channel;
  result[to + 0] = a0;
  result[to + 2] = a1;
}
