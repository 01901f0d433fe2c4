// groups 3 × 1 × 1
@group(0) @binding(0) var<storage, read_write> result: array<f32>;
@group(0) @binding(1) var source: texture_2d<f32>;
@group(0) @binding(2) var weights: texture_2d<f32>;
fn source4(i: i32) -> vec4f {
  return vec4f(textureLoad(source, vec2i((i + 0) & 4095, (i + 0) >> 12), 0).x, textureLoad(source, vec2i((i + 1) & 4095, (i + 1) >> 12), 0).x, textureLoad(source, vec2i((i + 2) & 4095, (i + 2) >> 12), 0).x, textureLoad(source, vec2i((i + 3) & 4095, (i + 3) >> 12), 0).x);
}
fn source2(i: i32) -> vec4f {
  return vec4f(textureLoad(source, vec2i((i + 0) & 4095, (i + 0) >> 12), 0).x, textureLoad(source, vec2i((i + 1) & 4095, (i + 1) >> 12), 0).x, 0.0, 0.0);
}
fn weights4(i: i32) -> vec4f {
  return vec4f(textureLoad(weights, vec2i((i + 0) & 4095, (i + 0) >> 12), 0).x, textureLoad(weights, vec2i((i + 1) & 4095, (i + 1) >> 12), 0).x, textureLoad(weights, vec2i((i + 2) & 4095, (i + 2) >> 12), 0).x, textureLoad(weights, vec2i((i + 3) & 4095, (i + 3) >> 12), 0).x);
}
fn weights2(i: i32) -> vec4f {
  return vec4f(textureLoad(weights, vec2i((i + 0) & 4095, (i + 0) >> 12), 0).x, textureLoad(weights, vec2i((i + 1) & 4095, (i + 1) >> 12), 0).x, 0.0, 0.0);
}
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 160) { return; }
  let block = t % 2;
  let group = block / 2;
  let channel = block % 2 * 4;
  let x = t / 2 % 5 * 2;
  let left = x * 1 / 2;
  let line = t / 10 % 8;
  let y = line % 4 * 2 + line / 4;
  if (y >= 7) { return; }
  let n = t / 80;
  var a0_0 = vec4f(); var a1_0 = vec4f();
  for (var tap = 0; tap < 3; tap++) {
    let down = y * 1 + tap * -1 + 2;
    if (down < 0 || down % 2 != 0 || down / 2 >= 4) { continue; }
    let line = n * 4 + down / 2;
    var at = ((line * 5 + left) * 1 + group) * 6 / 1;
    let taps = (0 * 3 + tap) * 4;
    var row = (taps * 30 + (group * 6 + channel * 6)) / 1;
    for (var c = 0; c < 1; c++) {
      let x0 = select(vec4f(), source4(at + -6), left >= 1);
      let x1 = source4(at + 0);
      let x2 = select(vec4f(), source4(at + 6), left < 4);
      let v0_0 = weights4(row + 0);
      let v0_1 = weights4(row + 6);
      let v0_2 = weights4(row + 12);
      let v0_3 = weights4(row + 18);
      let w0_0_0 = vec4f(v0_0.x, v0_1.x, v0_2.x, v0_3.x);
      let w0_1_0 = vec4f(v0_0.y, v0_1.y, v0_2.y, v0_3.y);
      let w0_2_0 = vec4f(v0_0.z, v0_1.z, v0_2.z, v0_3.z);
      let w0_3_0 = vec4f(v0_0.w, v0_1.w, v0_2.w, v0_3.w);
      a1_0 = fma(vec4f(x2.x), w0_0_0, a1_0);
      a1_0 = fma(vec4f(x2.y), w0_1_0, a1_0);
      a1_0 = fma(vec4f(x2.z), w0_2_0, a1_0);
      a1_0 = fma(vec4f(x2.w), w0_3_0, a1_0);
      let v1_0 = weights4(row + 30);
      let v1_1 = weights4(row + 36);
      let v1_2 = weights4(row + 42);
      let v1_3 = weights4(row + 48);
      let w1_0_0 = vec4f(v1_0.x, v1_1.x, v1_2.x, v1_3.x);
      let w1_1_0 = vec4f(v1_0.y, v1_1.y, v1_2.y, v1_3.y);
      let w1_2_0 = vec4f(v1_0.z, v1_1.z, v1_2.z, v1_3.z);
      let w1_3_0 = vec4f(v1_0.w, v1_1.w, v1_2.w, v1_3.w);
      a0_0 = fma(vec4f(x1.x), w1_0_0, a0_0);
      a0_0 = fma(vec4f(x1.y), w1_1_0, a0_0);
      a0_0 = fma(vec4f(x1.z), w1_2_0, a0_0);
      a0_0 = fma(vec4f(x1.w), w1_3_0, a0_0);
      let v2_0 = weights4(row + 60);
      let v2_1 = weights4(row + 66);
      let v2_2 = weights4(row + 72);
      let v2_3 = weights4(row + 78);
      let w2_0_0 = vec4f(v2_0.x, v2_1.x, v2_2.x, v2_3.x);
      let w2_1_0 = vec4f(v2_0.y, v2_1.y, v2_2.y, v2_3.y);
      let w2_2_0 = vec4f(v2_0.z, v2_1.z, v2_2.z, v2_3.z);
      let w2_3_0 = vec4f(v2_0.w, v2_1.w, v2_2.w, v2_3.w);
      a1_0 = fma(vec4f(x1.x), w2_0_0, a1_0);
      a1_0 = fma(vec4f(x1.y), w2_1_0, a1_0);
      a1_0 = fma(vec4f(x1.z), w2_2_0, a1_0);
      a1_0 = fma(vec4f(x1.w), w2_3_0, a1_0);
      let v3_0 = weights4(row + 90);
      let v3_1 = weights4(row + 96);
      let v3_2 = weights4(row + 102);
      let v3_3 = weights4(row + 108);
      let w3_0_0 = vec4f(v3_0.x, v3_1.x, v3_2.x, v3_3.x);
      let w3_1_0 = vec4f(v3_0.y, v3_1.y, v3_2.y, v3_3.y);
      let w3_2_0 = vec4f(v3_0.z, v3_1.z, v3_2.z, v3_3.z);
      let w3_3_0 = vec4f(v3_0.w, v3_1.w, v3_2.w, v3_3.w);
      a0_0 = fma(vec4f(x0.x), w3_0_0, a0_0);
      a0_0 = fma(vec4f(x0.y), w3_1_0, a0_0);
      a0_0 = fma(vec4f(x0.z), w3_2_0, a0_0);
      a0_0 = fma(vec4f(x0.w), w3_3_0, a0_0);
      at += 4;
      row += 4;
    }
    let x0 = select(vec4f(), source2(at + -6), left >= 1);
      let x1 = source2(at + 0);
      let x2 = select(vec4f(), source2(at + 6), left < 4);
      let v0_0 = weights2(row + 0);
      let v0_1 = weights2(row + 6);
      let v0_2 = weights2(row + 12);
      let v0_3 = weights2(row + 18);
      let w0_0_0 = vec4f(v0_0.x, v0_1.x, v0_2.x, v0_3.x);
      let w0_1_0 = vec4f(v0_0.y, v0_1.y, v0_2.y, v0_3.y);
      a1_0 = fma(vec4f(x2.x), w0_0_0, a1_0);
      a1_0 = fma(vec4f(x2.y), w0_1_0, a1_0);
      let v1_0 = weights2(row + 30);
      let v1_1 = weights2(row + 36);
      let v1_2 = weights2(row + 42);
      let v1_3 = weights2(row + 48);
      let w1_0_0 = vec4f(v1_0.x, v1_1.x, v1_2.x, v1_3.x);
      let w1_1_0 = vec4f(v1_0.y, v1_1.y, v1_2.y, v1_3.y);
      a0_0 = fma(vec4f(x1.x), w1_0_0, a0_0);
      a0_0 = fma(vec4f(x1.y), w1_1_0, a0_0);
      let v2_0 = weights2(row + 60);
      let v2_1 = weights2(row + 66);
      let v2_2 = weights2(row + 72);
      let v2_3 = weights2(row + 78);
      let w2_0_0 = vec4f(v2_0.x, v2_1.x, v2_2.x, v2_3.x);
      let w2_1_0 = vec4f(v2_0.y, v2_1.y, v2_2.y, v2_3.y);
      a1_0 = fma(vec4f(x1.x), w2_0_0, a1_0);
      a1_0 = fma(vec4f(x1.y), w2_1_0, a1_0);
      let v3_0 = weights2(row + 90);
      let v3_1 = weights2(row + 96);
      let v3_2 = weights2(row + 102);
      let v3_3 = weights2(row + 108);
      let w3_0_0 = vec4f(v3_0.x, v3_1.x, v3_2.x, v3_3.x);
      let w3_1_0 = vec4f(v3_0.y, v3_1.y, v3_2.y, v3_3.y);
      a0_0 = fma(vec4f(x0.x), w3_0_0, a0_0);
      a0_0 = fma(vec4f(x0.y), w3_1_0, a0_0);
  }
  let pixel = (n * 7 + y) * 10 + x;
  let to = ((pixel * 1 + group) * 5 + channel) / 1;
  if (channel + 0 < 5) { result[to + 0 + 0] = a0_0.x; } if (channel + 1 < 5) { result[to + 0 + 1] = a0_0.y; } if (channel + 2 < 5) { result[to + 0 + 2] = a0_0.z; } if (channel + 3 < 5) { result[to + 0 + 3] = a0_0.w; }
  if (channel + 0 < 5) { result[to + 5 + 0] = a1_0.x; } if (channel + 1 < 5) { result[to + 5 + 1] = a1_0.y; } if (channel + 2 < 5) { result[to + 5 + 2] = a1_0.z; } if (channel + 3 < 5) { result[to + 5 + 3] = a1_0.w; }
}
