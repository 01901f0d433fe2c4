// groups 1 × 1 × 1
@group(0) @binding(0) var<storage, read_write> result: array<f32>;
@group(0) @binding(1) var source: texture_2d<f32>;
@group(0) @binding(2) var weights: texture_2d<f32>;
fn source4(i: i32) -> vec4f {
  return vec4f(textureLoad(source, vec2i((i + 0) & 4095, (i + 0) >> 12), 0).x, textureLoad(source, vec2i((i + 1) & 4095, (i + 1) >> 12), 0).x, textureLoad(source, vec2i((i + 2) & 4095, (i + 2) >> 12), 0).x, textureLoad(source, vec2i((i + 3) & 4095, (i + 3) >> 12), 0).x);
}
fn source1(i: i32) -> vec4f {
  return vec4f(textureLoad(source, vec2i((i + 0) & 4095, (i + 0) >> 12), 0).x, 0.0, 0.0, 0.0);
}
fn weights4(i: i32) -> vec4f {
  return vec4f(textureLoad(weights, vec2i((i + 0) & 4095, (i + 0) >> 12), 0).x, textureLoad(weights, vec2i((i + 1) & 4095, (i + 1) >> 12), 0).x, textureLoad(weights, vec2i((i + 2) & 4095, (i + 2) >> 12), 0).x, textureLoad(weights, vec2i((i + 3) & 4095, (i + 3) >> 12), 0).x);
}
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 48) { return; }
  let block = t % 2;
  let group = block / 2;
  let channel = block % 2 * 4;
  let x = t / 2 % 3 * 2;
  let left = x * 2 / 1;
  let line = t / 6 % 4;
  let y = line % 4 * 1 + line / 4;
  if (y >= 4) { return; }
  let n = t / 24;
  var a0_0 = vec4f(); var a1_0 = vec4f();
  for (var tap = 0; tap < 3; tap++) {
    let down = y * 2 + tap * 1 + -2;
    if (down < 0 || down % 1 != 0 || down / 1 >= 7) { continue; }
    let line = n * 7 + down / 1;
    var at = ((line * 10 + left) * 1 + group) * 5 / 1;
    let taps = (0 * 3 + tap) * 4;
    var row = (taps * 30 + (group * 6 + channel)) / 1;
    for (var c = 0; c < 1; c++) {
      let x0 = select(vec4f(), source4(at + -5), left >= 1);
      let x1 = source4(at + 0);
      let x2 = source4(at + 5);
      let x3 = select(vec4f(), source4(at + 10), left < 8);
      let x4 = select(vec4f(), source4(at + 15), left < 7);
      let x5 = select(vec4f(), source4(at + 20), left < 6);
      let w0_0_0 = weights4(row + 0);
      let w0_1_0 = weights4(row + 6);
      let w0_2_0 = weights4(row + 12);
      let w0_3_0 = weights4(row + 18);
      a0_0 = fma(vec4f(x0.x), w0_0_0, a0_0);
      a1_0 = fma(vec4f(x2.x), w0_0_0, a1_0);
      a0_0 = fma(vec4f(x0.y), w0_1_0, a0_0);
      a1_0 = fma(vec4f(x2.y), w0_1_0, a1_0);
      a0_0 = fma(vec4f(x0.z), w0_2_0, a0_0);
      a1_0 = fma(vec4f(x2.z), w0_2_0, a1_0);
      a0_0 = fma(vec4f(x0.w), w0_3_0, a0_0);
      a1_0 = fma(vec4f(x2.w), w0_3_0, a1_0);
      let w1_0_0 = weights4(row + 30);
      let w1_1_0 = weights4(row + 36);
      let w1_2_0 = weights4(row + 42);
      let w1_3_0 = weights4(row + 48);
      a0_0 = fma(vec4f(x1.x), w1_0_0, a0_0);
      a1_0 = fma(vec4f(x3.x), w1_0_0, a1_0);
      a0_0 = fma(vec4f(x1.y), w1_1_0, a0_0);
      a1_0 = fma(vec4f(x3.y), w1_1_0, a1_0);
      a0_0 = fma(vec4f(x1.z), w1_2_0, a0_0);
      a1_0 = fma(vec4f(x3.z), w1_2_0, a1_0);
      a0_0 = fma(vec4f(x1.w), w1_3_0, a0_0);
      a1_0 = fma(vec4f(x3.w), w1_3_0, a1_0);
      let w2_0_0 = weights4(row + 60);
      let w2_1_0 = weights4(row + 66);
      let w2_2_0 = weights4(row + 72);
      let w2_3_0 = weights4(row + 78);
      a0_0 = fma(vec4f(x2.x), w2_0_0, a0_0);
      a1_0 = fma(vec4f(x4.x), w2_0_0, a1_0);
      a0_0 = fma(vec4f(x2.y), w2_1_0, a0_0);
      a1_0 = fma(vec4f(x4.y), w2_1_0, a1_0);
      a0_0 = fma(vec4f(x2.z), w2_2_0, a0_0);
      a1_0 = fma(vec4f(x4.z), w2_2_0, a1_0);
      a0_0 = fma(vec4f(x2.w), w2_3_0, a0_0);
      a1_0 = fma(vec4f(x4.w), w2_3_0, a1_0);
      let w3_0_0 = weights4(row + 90);
      let w3_1_0 = weights4(row + 96);
      let w3_2_0 = weights4(row + 102);
      let w3_3_0 = weights4(row + 108);
      a0_0 = fma(vec4f(x3.x), w3_0_0, a0_0);
      a1_0 = fma(vec4f(x5.x), w3_0_0, a1_0);
      a0_0 = fma(vec4f(x3.y), w3_1_0, a0_0);
      a1_0 = fma(vec4f(x5.y), w3_1_0, a1_0);
      a0_0 = fma(vec4f(x3.z), w3_2_0, a0_0);
      a1_0 = fma(vec4f(x5.z), w3_2_0, a1_0);
      a0_0 = fma(vec4f(x3.w), w3_3_0, a0_0);
      a1_0 = fma(vec4f(x5.w), w3_3_0, a1_0);
      at += 4;
      row += 24;
    }
    let x0 = select(vec4f(), source1(at + -5), left >= 1);
      let x1 = source1(at + 0);
      let x2 = source1(at + 5);
      let x3 = select(vec4f(), source1(at + 10), left < 8);
      let x4 = select(vec4f(), source1(at + 15), left < 7);
      let x5 = select(vec4f(), source1(at + 20), left < 6);
      let w0_0_0 = weights4(row + 0);
      a0_0 = fma(vec4f(x0.x), w0_0_0, a0_0);
      a1_0 = fma(vec4f(x2.x), w0_0_0, a1_0);
      let w1_0_0 = weights4(row + 30);
      a0_0 = fma(vec4f(x1.x), w1_0_0, a0_0);
      a1_0 = fma(vec4f(x3.x), w1_0_0, a1_0);
      let w2_0_0 = weights4(row + 60);
      a0_0 = fma(vec4f(x2.x), w2_0_0, a0_0);
      a1_0 = fma(vec4f(x4.x), w2_0_0, a1_0);
      let w3_0_0 = weights4(row + 90);
      a0_0 = fma(vec4f(x3.x), w3_0_0, a0_0);
      a1_0 = fma(vec4f(x5.x), w3_0_0, a1_0);
  }
  let pixel = (n * 4 + y) * 5 + x;
  let to = ((pixel * 1 + group) * 6 + channel) / 1;
  if (channel + 0 < 6) { result[to + 0 + 0] = a0_0.x; } if (channel + 1 < 6) { result[to + 0 + 1] = a0_0.y; } if (channel + 2 < 6) { result[to + 0 + 2] = a0_0.z; } if (channel + 3 < 6) { result[to + 0 + 3] = a0_0.w; }
  if (x + 1 < 5) { if (channel + 0 < 6) { result[to + 6 + 0] = a1_0.x; } if (channel + 1 < 6) { result[to + 6 + 1] = a1_0.y; } if (channel + 2 < 6) { result[to + 6 + 2] = a1_0.z; } if (channel + 3 < 6) { result[to + 6 + 3] = a1_0.w; } }
}
