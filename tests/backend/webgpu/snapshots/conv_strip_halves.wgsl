// groups 1 × 1 × 1
enable f16;
@group(0) @binding(0) var<storage, read_write> result: array<vec4<f16>>;
@group(0) @binding(1) var<storage, read> source: array<vec4<f16>>;
@group(0) @binding(2) var<storage, read> weights: array<vec4f>;
fn source4(i: i32) -> vec4f {
  return vec4f(source[i]);
}
fn weights4(i: i32) -> vec4f {
  return weights[i];
}
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 16) { return; }
  let block = t % 2;
  let group = block / 2;
  let channel = block % 2 * 4;
  let x = t / 2 % 2 * 2;
  let left = x * 1 / 1;
  let line = t / 4 % 4;
  let y = line % 4 * 1 + line / 4;
  if (y >= 4) { return; }
  let n = t / 16;
  var a0_0 = vec4f(); var a1_0 = vec4f();
  for (var tap = 0; tap < 3; tap++) {
    let down = y * 1 + tap * 1 + -1;
    if (down < 0 || down % 1 != 0 || down / 1 >= 4) { continue; }
    let line = n * 4 + down / 1;
    var at = ((line * 4 + left) * 1 + group) * 4 / 4;
    let taps = (0 * 3 + tap) * 3;
    var row = (taps * 32 + (group * 8 + channel)) / 4;
    for (var c = 0; c < 1; c++) {
      let x0 = select(vec4f(), source4(at + -1), left >= 1);
      let x1 = source4(at + 0);
      let x2 = source4(at + 1);
      let x3 = select(vec4f(), source4(at + 2), left < 2);
      let w0_0_0 = weights4(row + 0);
      let w0_1_0 = weights4(row + 2);
      let w0_2_0 = weights4(row + 4);
      let w0_3_0 = weights4(row + 6);
      a0_0 = fma(vec4f(x0.x), w0_0_0, a0_0);
      a1_0 = fma(vec4f(x1.x), w0_0_0, a1_0);
      a0_0 = fma(vec4f(x0.y), w0_1_0, a0_0);
      a1_0 = fma(vec4f(x1.y), w0_1_0, a1_0);
      a0_0 = fma(vec4f(x0.z), w0_2_0, a0_0);
      a1_0 = fma(vec4f(x1.z), w0_2_0, a1_0);
      a0_0 = fma(vec4f(x0.w), w0_3_0, a0_0);
      a1_0 = fma(vec4f(x1.w), w0_3_0, a1_0);
      let w1_0_0 = weights4(row + 8);
      let w1_1_0 = weights4(row + 10);
      let w1_2_0 = weights4(row + 12);
      let w1_3_0 = weights4(row + 14);
      a0_0 = fma(vec4f(x1.x), w1_0_0, a0_0);
      a1_0 = fma(vec4f(x2.x), w1_0_0, a1_0);
      a0_0 = fma(vec4f(x1.y), w1_1_0, a0_0);
      a1_0 = fma(vec4f(x2.y), w1_1_0, a1_0);
      a0_0 = fma(vec4f(x1.z), w1_2_0, a0_0);
      a1_0 = fma(vec4f(x2.z), w1_2_0, a1_0);
      a0_0 = fma(vec4f(x1.w), w1_3_0, a0_0);
      a1_0 = fma(vec4f(x2.w), w1_3_0, a1_0);
      let w2_0_0 = weights4(row + 16);
      let w2_1_0 = weights4(row + 18);
      let w2_2_0 = weights4(row + 20);
      let w2_3_0 = weights4(row + 22);
      a0_0 = fma(vec4f(x2.x), w2_0_0, a0_0);
      a1_0 = fma(vec4f(x3.x), w2_0_0, a1_0);
      a0_0 = fma(vec4f(x2.y), w2_1_0, a0_0);
      a1_0 = fma(vec4f(x3.y), w2_1_0, a1_0);
      a0_0 = fma(vec4f(x2.z), w2_2_0, a0_0);
      a1_0 = fma(vec4f(x3.z), w2_2_0, a1_0);
      a0_0 = fma(vec4f(x2.w), w2_3_0, a0_0);
      a1_0 = fma(vec4f(x3.w), w2_3_0, a1_0);
      at += 1;
      row += 8;
    }
    
  }
  let pixel = (n * 4 + y) * 4 + x;
  let to = ((pixel * 1 + group) * 8 + channel) / 4;
  result[to + 0] = vec4<f16>(a0_0);
  result[to + 2] = vec4<f16>(a1_0);
}
