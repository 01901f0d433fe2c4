// groups 1 × 1 × 1
@group(0) @binding(0) var<storage, read_write> parts: array<vec4f>;
@group(0) @binding(1) var x: texture_2d<f32>;
@group(0) @binding(2) var dy: texture_2d<f32>;
fn x4(i: i32) -> vec4f {
  return vec4f(textureLoad(x, vec2i((i + 0) & 4095, (i + 0) >> 12), 0).x, textureLoad(x, vec2i((i + 1) & 4095, (i + 1) >> 12), 0).x, textureLoad(x, vec2i((i + 2) & 4095, (i + 2) >> 12), 0).x, textureLoad(x, vec2i((i + 3) & 4095, (i + 3) >> 12), 0).x);
}
fn x2(i: i32) -> vec4f {
  return vec4f(textureLoad(x, vec2i((i + 0) & 4095, (i + 0) >> 12), 0).x, textureLoad(x, vec2i((i + 1) & 4095, (i + 1) >> 12), 0).x, 0.0, 0.0);
}
fn dy4(i: i32) -> vec4f {
  return textureLoad(dy, vec2i((i) & 4095, (i) >> 12), 0);
}
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 24) { return; }
  let block = t % 2;
  let group = block / 2;
  let output = block % 2 * 4;
  let input = t / 2 % 2 * 2;
  let some = t / 4 % 1;
  let tap = t / 4 % 3;
  let part = t / 12;
  let chunk = part % 2;
  let product = part / 2;
  var a0_0_0 = vec4f(); var a0_1_0 = vec4f(); var a1_0_0 = vec4f(); var a1_1_0 = vec4f(); var a2_0_0 = vec4f(); var a2_1_0 = vec4f();
  for (var r = chunk * 3; r < min((chunk + 1) * 3, 4); r++) {
    let down = r % 4 * 1 + tap * 1 - 1;
    if (down < 0 || down >= 4) { continue; }
    let line = (product * 1 + r / 4) * 4 + down;
    let row = product * 4 + r;
    for (var p = 0; p < 4; p += 2) {
      let left = 1 * p + 3 * some;
      let xAt = (((line * 4 + left) * 1 + group) * 4 + input) / 1;
      let dyAt = (((row * 4 + p) * 1 + group) * 8 + output) / 4;
      let x0_0 = select(vec4f(), x2(xAt + -4), left >= 1);
      let x1_0 = x2(xAt + 0);
      let x2_0 = x2(xAt + 4);
      let d0_0 = dy4(dyAt + 0);
      a0_0_0 = fma(vec4f(x0_0.x), d0_0, a0_0_0);
      a0_1_0 = fma(vec4f(x0_0.y), d0_0, a0_1_0);
      a1_0_0 = fma(vec4f(x1_0.x), d0_0, a1_0_0);
      a1_1_0 = fma(vec4f(x1_0.y), d0_0, a1_1_0);
      a2_0_0 = fma(vec4f(x2_0.x), d0_0, a2_0_0);
      a2_1_0 = fma(vec4f(x2_0.y), d0_0, a2_1_0);
      let x3_0 = select(vec4f(), x2(xAt + 8), left < 2);
      let d1_0 = dy4(dyAt + 2);
      a0_0_0 = fma(vec4f(x1_0.x), d1_0, a0_0_0);
      a0_1_0 = fma(vec4f(x1_0.y), d1_0, a0_1_0);
      a1_0_0 = fma(vec4f(x2_0.x), d1_0, a1_0_0);
      a1_1_0 = fma(vec4f(x2_0.y), d1_0, a1_1_0);
      a2_0_0 = fma(vec4f(x3_0.x), d1_0, a2_0_0);
      a2_1_0 = fma(vec4f(x3_0.y), d1_0, a2_1_0);
    }
    let p = 4;
    
  }
  let weight = ((part * 3 + tap) * 3 + some * 3) * 4;
  let to = (((weight + input) * 1 + group) * 8 + output) / 4;
  parts[to + 0] = a0_0_0;
  parts[to + 2] = a0_1_0;
  parts[to + 8] = a1_0_0;
  parts[to + 10] = a1_1_0;
  parts[to + 16] = a2_0_0;
  parts[to + 18] = a2_1_0;
}
