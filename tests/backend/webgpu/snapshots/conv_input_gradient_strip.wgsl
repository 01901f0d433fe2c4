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
  if (t >= 8) { return; }
  let block = t % 1;
  let group = block / 1;
  let channel = block % 1 * 4;
  let x = t / 1 % 2 * 2;
  let left = x * 1 / 1;
  let line = t / 2 % 4;
  let y = line % 4 * 1 + line / 4;
  if (y >= 4) { return; }
  let n = t / 8;
  var a0_0 = vec4f(); var a1_0 = vec4f();
  for (var tap = 0; tap < 3; tap++) {
    let down = y * 1 + tap * -1 + 1;
    if (down < 0 || down % 1 != 0 || down / 1 >= 4) { continue; }
    let line = n * 4 + down / 1;
    var at = ((line * 4 + left) * 1 + group) * 8 / 4;
    let taps = (0 * 3 + tap) * 3;
    var row = (taps * 32 + (group * 8 + channel * 8)) / 4;
    for (var c = 0; c < 2; c++) {
      let x0 = select(vec4f(), source4(at + -2), left >= 1);
      let x1 = source4(at + 0);
      let x2 = source4(at + 2);
      let x3 = select(vec4f(), source4(at + 4), left < 2);
      let v0_0 = weights4(row + 0);
      let v0_1 = weights4(row + 2);
      let v0_2 = weights4(row + 4);
      let v0_3 = weights4(row + 6);
      let w0_0_0 = vec4f(v0_0.x, v0_1.x, v0_2.x, v0_3.x);
      let w0_1_0 = vec4f(v0_0.y, v0_1.y, v0_2.y, v0_3.y);
      let w0_2_0 = vec4f(v0_0.z, v0_1.z, v0_2.z, v0_3.z);
      let w0_3_0 = vec4f(v0_0.w, v0_1.w, v0_2.w, v0_3.w);
      a0_0 = fma(vec4f(x2.x), w0_0_0, a0_0);
      a1_0 = fma(vec4f(x3.x), w0_0_0, a1_0);
      a0_0 = fma(vec4f(x2.y), w0_1_0, a0_0);
      a1_0 = fma(vec4f(x3.y), w0_1_0, a1_0);
      a0_0 = fma(vec4f(x2.z), w0_2_0, a0_0);
      a1_0 = fma(vec4f(x3.z), w0_2_0, a1_0);
      a0_0 = fma(vec4f(x2.w), w0_3_0, a0_0);
      a1_0 = fma(vec4f(x3.w), w0_3_0, a1_0);
      let v1_0 = weights4(row + 8);
      let v1_1 = weights4(row + 10);
      let v1_2 = weights4(row + 12);
      let v1_3 = weights4(row + 14);
      let w1_0_0 = vec4f(v1_0.x, v1_1.x, v1_2.x, v1_3.x);
      let w1_1_0 = vec4f(v1_0.y, v1_1.y, v1_2.y, v1_3.y);
      let w1_2_0 = vec4f(v1_0.z, v1_1.z, v1_2.z, v1_3.z);
      let w1_3_0 = vec4f(v1_0.w, v1_1.w, v1_2.w, v1_3.w);
      a0_0 = fma(vec4f(x1.x), w1_0_0, a0_0);
      a1_0 = fma(vec4f(x2.x), w1_0_0, a1_0);
      a0_0 = fma(vec4f(x1.y), w1_1_0, a0_0);
      a1_0 = fma(vec4f(x2.y), w1_1_0, a1_0);
      a0_0 = fma(vec4f(x1.z), w1_2_0, a0_0);
      a1_0 = fma(vec4f(x2.z), w1_2_0, a1_0);
      a0_0 = fma(vec4f(x1.w), w1_3_0, a0_0);
      a1_0 = fma(vec4f(x2.w), w1_3_0, a1_0);
      let v2_0 = weights4(row + 16);
      let v2_1 = weights4(row + 18);
      let v2_2 = weights4(row + 20);
      let v2_3 = weights4(row + 22);
      let w2_0_0 = vec4f(v2_0.x, v2_1.x, v2_2.x, v2_3.x);
      let w2_1_0 = vec4f(v2_0.y, v2_1.y, v2_2.y, v2_3.y);
      let w2_2_0 = vec4f(v2_0.z, v2_1.z, v2_2.z, v2_3.z);
      let w2_3_0 = vec4f(v2_0.w, v2_1.w, v2_2.w, v2_3.w);
      a0_0 = fma(vec4f(x0.x), w2_0_0, a0_0);
      a1_0 = fma(vec4f(x1.x), w2_0_0, a1_0);
      a0_0 = fma(vec4f(x0.y), w2_1_0, a0_0);
      a1_0 = fma(vec4f(x1.y), w2_1_0, a1_0);
      a0_0 = fma(vec4f(x0.z), w2_2_0, a0_0);
      a1_0 = fma(vec4f(x1.z), w2_2_0, a1_0);
      a0_0 = fma(vec4f(x0.w), w2_3_0, a0_0);
      a1_0 = fma(vec4f(x1.w), w2_3_0, a1_0);
      at += 1;
      row += 1;
    }
    
  }
  let pixel = (n * 4 + y) * 4 + x;
  let to = ((pixel * 1 + group) * 4 + channel) / 4;
  result[to + 0] = a0_0;
  result[to + 1] = a1_0;
}
