// groups 1 × 1 × 1
@group(0) @binding(0) var<storage, read_write> parts: array<vec4f>;
@group(0) @binding(1) var x: texture_2d<f32>;
@group(0) @binding(2) var dy: texture_2d<f32>;
fn x4(i: i32) -> vec4f {
  return textureLoad(x, vec2i((i) & 4095, (i) >> 12), 0);
}
fn dy4(i: i32) -> vec4f {
  return textureLoad(dy, vec2i((i) & 4095, (i) >> 12), 0);
}
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 12) { return; }
  let channel = t % 2;
  let tap = t / 2 % 3;
  let chunk = t / 6;
  var a0 = vec4f(); var a1 = vec4f(); var a2 = vec4f();
  for (var r = chunk * 3; r < min((chunk + 1) * 3, 4); r++) {
    let down = r % 4 * 1 + tap * 1 - 1;
    if (down < 0 || down >= 4) { continue; }
    let line = r / 4 * 4 + down;
    for (var p = 0; p < 4; p += 2) {
      let left = p * 1;
      let xAt = (line * 4 + left) * 2 + channel;
      let dyAt = (r * 4 + p) * 2 + channel;
      let v0 = select(vec4f(), x4(xAt + -2), left >= 1);
      let v1 = x4(xAt + 0);
      let v2 = x4(xAt + 2);
      let v3 = select(vec4f(), x4(xAt + 4), left < 2);
      let d0 = dy4(dyAt + 0);
      let d1 = dy4(dyAt + 2);
      a0 = fma(v0, d0, a0);
      a1 = fma(v1, d0, a1);
      a2 = fma(v2, d0, a2);
      a0 = fma(v1, d1, a0);
      a1 = fma(v2, d1, a1);
      a2 = fma(v3, d1, a2);
    }
    let p = 4;
    
  }
  let to = (chunk * 3 + tap) * 6 + channel;
  parts[to + 0] = a0;
  parts[to + 2] = a1;
  parts[to + 4] = a2;
}
