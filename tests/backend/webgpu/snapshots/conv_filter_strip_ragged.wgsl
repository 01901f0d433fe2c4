// groups 2 × 1 × 1
@group(0) @binding(0) var<storage, read_write> parts: array<f32>;
@group(0) @binding(1) var x: texture_2d<f32>;
@group(0) @binding(2) var dy: texture_2d<f32>;
fn x4(i: i32) -> vec4f {
  return vec4f(textureLoad(x, vec2i((i + 0) & 4095, (i + 0) >> 12), 0).x, textureLoad(x, vec2i((i + 1) & 4095, (i + 1) >> 12), 0).x, textureLoad(x, vec2i((i + 2) & 4095, (i + 2) >> 12), 0).x, textureLoad(x, vec2i((i + 3) & 4095, (i + 3) >> 12), 0).x);
}
fn x2(i: i32) -> vec4f {
  return vec4f(textureLoad(x, vec2i((i + 0) & 4095, (i + 0) >> 12), 0).x, textureLoad(x, vec2i((i + 1) & 4095, (i + 1) >> 12), 0).x, 0.0, 0.0);
}
fn dy4(i: i32) -> vec4f {
  return vec4f(textureLoad(dy, vec2i((i + 0) & 4095, (i + 0) >> 12), 0).x, textureLoad(dy, vec2i((i + 1) & 4095, (i + 1) >> 12), 0).x, textureLoad(dy, vec2i((i + 2) & 4095, (i + 2) >> 12), 0).x, textureLoad(dy, vec2i((i + 3) & 4095, (i + 3) >> 12), 0).x);
}
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 108) { return; }
  let block = t % 2;
  let group = block / 2;
  let output = block % 2 * 4;
  let input = t / 2 % 3 * 2;
  let some = t / 6 % 2;
  let tap = t / 12 % 3;
  let part = t / 36;
  let chunk = part % 3;
  let product = part / 3;
  var a0_0_0 = vec4f(); var a0_1_0 = vec4f(); var a1_0_0 = vec4f(); var a1_1_0 = vec4f(); var a2_0_0 = vec4f(); var a2_1_0 = vec4f();
  for (var r = chunk * 3; r < min((chunk + 1) * 3, 8); r++) {
    let down = r % 4 * 2 + tap * 1 - 2;
    if (down < 0 || down >= 7) { continue; }
    let line = (product * 2 + r / 4) * 7 + down;
    let row = product * 8 + r;
    for (var p = 0; p < 4; p += 2) {
      let left = 2 * p + 3 * some;
      let xAt = (((line * 10 + left) * 1 + group) * 5 + input) / 1;
      let dyAt = (((row * 5 + p) * 1 + group) * 6 + output) / 1;
      let x0_0 = select(vec4f(), x2(xAt + -5), left >= 1);
      let x1_0 = x2(xAt + 0);
      let x2_0 = x2(xAt + 5);
      let d0_0 = dy4(dyAt + 0);
      a0_0_0 = fma(vec4f(x0_0.x), d0_0, a0_0_0);
      a0_1_0 = fma(vec4f(x0_0.y), d0_0, a0_1_0);
      a1_0_0 = fma(vec4f(x1_0.x), d0_0, a1_0_0);
      a1_1_0 = fma(vec4f(x1_0.y), d0_0, a1_1_0);
      a2_0_0 = fma(vec4f(x2_0.x), d0_0, a2_0_0);
      a2_1_0 = fma(vec4f(x2_0.y), d0_0, a2_1_0);
      let x3_0 = x2(xAt + 10);
      let x4_0 = select(vec4f(), x2(xAt + 15), left < 7);
      let d1_0 = dy4(dyAt + 6);
      a0_0_0 = fma(vec4f(x2_0.x), d1_0, a0_0_0);
      a0_1_0 = fma(vec4f(x2_0.y), d1_0, a0_1_0);
      a1_0_0 = fma(vec4f(x3_0.x), d1_0, a1_0_0);
      a1_1_0 = fma(vec4f(x3_0.y), d1_0, a1_1_0);
      a2_0_0 = fma(vec4f(x4_0.x), d1_0, a2_0_0);
      a2_1_0 = fma(vec4f(x4_0.y), d1_0, a2_1_0);
    }
    let p = 4;
    let left = 2 * p + 3 * some;
      let xAt = (((line * 10 + left) * 1 + group) * 5 + input) / 1;
      let dyAt = (((row * 5 + p) * 1 + group) * 6 + output) / 1;
      let x0_0 = select(vec4f(), x2(xAt + -5), left >= 1 && left < 11);
      let x1_0 = select(vec4f(), x2(xAt + 0), left < 10);
      let x2_0 = select(vec4f(), x2(xAt + 5), left < 9);
      let d0_0 = dy4(dyAt + 0);
      a0_0_0 = fma(vec4f(x0_0.x), d0_0, a0_0_0);
      a0_1_0 = fma(vec4f(x0_0.y), d0_0, a0_1_0);
      a1_0_0 = fma(vec4f(x1_0.x), d0_0, a1_0_0);
      a1_1_0 = fma(vec4f(x1_0.y), d0_0, a1_1_0);
      a2_0_0 = fma(vec4f(x2_0.x), d0_0, a2_0_0);
      a2_1_0 = fma(vec4f(x2_0.y), d0_0, a2_1_0);
  }
  let weight = ((part * 3 + tap) * 4 + some * 3) * 5;
  let to = (((weight + input) * 1 + group) * 6 + output) / 1;
  if (some * 3 + 0 < 4 && input + 0 < 5) { if (output + 0 < 6) { parts[to + 0 + 0] = a0_0_0.x; } if (output + 1 < 6) { parts[to + 0 + 1] = a0_0_0.y; } if (output + 2 < 6) { parts[to + 0 + 2] = a0_0_0.z; } if (output + 3 < 6) { parts[to + 0 + 3] = a0_0_0.w; } }
  if (some * 3 + 0 < 4 && input + 1 < 5) { if (output + 0 < 6) { parts[to + 6 + 0] = a0_1_0.x; } if (output + 1 < 6) { parts[to + 6 + 1] = a0_1_0.y; } if (output + 2 < 6) { parts[to + 6 + 2] = a0_1_0.z; } if (output + 3 < 6) { parts[to + 6 + 3] = a0_1_0.w; } }
  if (some * 3 + 1 < 4 && input + 0 < 5) { if (output + 0 < 6) { parts[to + 30 + 0] = a1_0_0.x; } if (output + 1 < 6) { parts[to + 30 + 1] = a1_0_0.y; } if (output + 2 < 6) { parts[to + 30 + 2] = a1_0_0.z; } if (output + 3 < 6) { parts[to + 30 + 3] = a1_0_0.w; } }
  if (some * 3 + 1 < 4 && input + 1 < 5) { if (output + 0 < 6) { parts[to + 36 + 0] = a1_1_0.x; } if (output + 1 < 6) { parts[to + 36 + 1] = a1_1_0.y; } if (output + 2 < 6) { parts[to + 36 + 2] = a1_1_0.z; } if (output + 3 < 6) { parts[to + 36 + 3] = a1_1_0.w; } }
  if (some * 3 + 2 < 4 && input + 0 < 5) { if (output + 0 < 6) { parts[to + 60 + 0] = a2_0_0.x; } if (output + 1 < 6) { parts[to + 60 + 1] = a2_0_0.y; } if (output + 2 < 6) { parts[to + 60 + 2] = a2_0_0.z; } if (output + 3 < 6) { parts[to + 60 + 3] = a2_0_0.w; } }
  if (some * 3 + 2 < 4 && input + 1 < 5) { if (output + 0 < 6) { parts[to + 66 + 0] = a2_1_0.x; } if (output + 1 < 6) { parts[to + 66 + 1] = a2_1_0.y; } if (output + 2 < 6) { parts[to + 66 + 2] = a2_1_0.z; } if (output + 3 < 6) { parts[to + 66 + 3] = a2_1_0.w; } }
}
