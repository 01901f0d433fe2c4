// groups 8 × 1 × 1
@group(0) @binding(0) var<storage, read_write> parts: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
var<workgroup> aTile: array<vec4f, 64>;
var<workgroup> bTile: array<vec4f, 64>;
@compute @workgroup_size(16) fn main(
  @builtin(workgroup_id) team: vec3u, @builtin(num_workgroups) teams: vec3u,
  @builtin(local_invocation_index) index: u32
) {
  let item = i32(team.x + team.y * teams.x);
  if (item >= 8) { return; }
  let lane = i32(index);
  let side = item % 1 * 16;
  let top = item / 1 % 4 * 16;
  let split = item / 4 % 2;
  let product = item / 8;
  let group = product % 1;
  let number = product / 1;
  let first = split * 32;
  let end = min(first + 32, 40);
  let right = lane % 4;
  let down = lane / 4;
  var c0_0 = vec4f(); var c1_0 = vec4f(); var c2_0 = vec4f(); var c3_0 = vec4f();
  for (var deep = first; deep < end; deep += 16) {
    {
      let i = lane + 0;
      var value = vec4f();
      for (var e = 0; e < 4; e++) {
      let m = top + 4 * (i % 4) + e;
      let k = deep + i / 4;
      let tap = m / 5;
      let tapY = tap / 4 * 1;
      let tapX = tap % 4 * 1;
      let y = k / 5 % 4;
      let x_ = k % 5;
      let sourceY = y * 2 + tapY - 2;
      let sourceX = x_ * 2 + tapX - 1;
      if (m < 60 && k < end && sourceY >= 0 && sourceY < 7 && sourceX >= 0 && sourceX < 10) { value[e] = x[((((number * 2 + k / 20) * 7 + sourceY) * 10 + sourceX) * 1 + group) * 5 + m % 5]; }
      }
      aTile[i] = value;
    }
    {
      let i = lane + 16;
      var value = vec4f();
      for (var e = 0; e < 4; e++) {
      let m = top + 4 * (i % 4) + e;
      let k = deep + i / 4;
      let tap = m / 5;
      let tapY = tap / 4 * 1;
      let tapX = tap % 4 * 1;
      let y = k / 5 % 4;
      let x_ = k % 5;
      let sourceY = y * 2 + tapY - 2;
      let sourceX = x_ * 2 + tapX - 1;
      if (m < 60 && k < end && sourceY >= 0 && sourceY < 7 && sourceX >= 0 && sourceX < 10) { value[e] = x[((((number * 2 + k / 20) * 7 + sourceY) * 10 + sourceX) * 1 + group) * 5 + m % 5]; }
      }
      aTile[i] = value;
    }
    {
      let i = lane + 32;
      var value = vec4f();
      for (var e = 0; e < 4; e++) {
      let m = top + 4 * (i % 4) + e;
      let k = deep + i / 4;
      let tap = m / 5;
      let tapY = tap / 4 * 1;
      let tapX = tap % 4 * 1;
      let y = k / 5 % 4;
      let x_ = k % 5;
      let sourceY = y * 2 + tapY - 2;
      let sourceX = x_ * 2 + tapX - 1;
      if (m < 60 && k < end && sourceY >= 0 && sourceY < 7 && sourceX >= 0 && sourceX < 10) { value[e] = x[((((number * 2 + k / 20) * 7 + sourceY) * 10 + sourceX) * 1 + group) * 5 + m % 5]; }
      }
      aTile[i] = value;
    }
    {
      let i = lane + 48;
      var value = vec4f();
      for (var e = 0; e < 4; e++) {
      let m = top + 4 * (i % 4) + e;
      let k = deep + i / 4;
      let tap = m / 5;
      let tapY = tap / 4 * 1;
      let tapX = tap % 4 * 1;
      let y = k / 5 % 4;
      let x_ = k % 5;
      let sourceY = y * 2 + tapY - 2;
      let sourceX = x_ * 2 + tapX - 1;
      if (m < 60 && k < end && sourceY >= 0 && sourceY < 7 && sourceX >= 0 && sourceX < 10) { value[e] = x[((((number * 2 + k / 20) * 7 + sourceY) * 10 + sourceX) * 1 + group) * 5 + m % 5]; }
      }
      aTile[i] = value;
    }
    {
      let i = lane + 0;
      var value = vec4f();
      for (var e = 0; e < 4; e++) {
      let n = side + 4 * (i % 4) + e;
      let k = deep + i / 4;
      if (k < end && n < 6) { value[e] = dy[((number * 40 + k) * 1 + group) * 6 + n]; }
      }
      bTile[i] = value;
    }
    {
      let i = lane + 16;
      var value = vec4f();
      for (var e = 0; e < 4; e++) {
      let n = side + 4 * (i % 4) + e;
      let k = deep + i / 4;
      if (k < end && n < 6) { value[e] = dy[((number * 40 + k) * 1 + group) * 6 + n]; }
      }
      bTile[i] = value;
    }
    {
      let i = lane + 32;
      var value = vec4f();
      for (var e = 0; e < 4; e++) {
      let n = side + 4 * (i % 4) + e;
      let k = deep + i / 4;
      if (k < end && n < 6) { value[e] = dy[((number * 40 + k) * 1 + group) * 6 + n]; }
      }
      bTile[i] = value;
    }
    {
      let i = lane + 48;
      var value = vec4f();
      for (var e = 0; e < 4; e++) {
      let n = side + 4 * (i % 4) + e;
      let k = deep + i / 4;
      if (k < end && n < 6) { value[e] = dy[((number * 40 + k) * 1 + group) * 6 + n]; }
      }
      bTile[i] = value;
    }
    workgroupBarrier();
    for (var s = 0; s < 4; s++) {
      let x0_0 = aTile[(4 * s + 0) * 4 + down * 1 + 0];
      let x1_0 = aTile[(4 * s + 1) * 4 + down * 1 + 0];
      let x2_0 = aTile[(4 * s + 2) * 4 + down * 1 + 0];
      let x3_0 = aTile[(4 * s + 3) * 4 + down * 1 + 0];
      let w0_0 = bTile[(4 * s + 0) * 4 + right + 0];
      let w1_0 = bTile[(4 * s + 1) * 4 + right + 0];
      let w2_0 = bTile[(4 * s + 2) * 4 + right + 0];
      let w3_0 = bTile[(4 * s + 3) * 4 + right + 0];
      c0_0 = fma(vec4f(x0_0.x), w0_0, c0_0);
      c1_0 = fma(vec4f(x0_0.y), w0_0, c1_0);
      c2_0 = fma(vec4f(x0_0.z), w0_0, c2_0);
      c3_0 = fma(vec4f(x0_0.w), w0_0, c3_0);
      c0_0 = fma(vec4f(x1_0.x), w1_0, c0_0);
      c1_0 = fma(vec4f(x1_0.y), w1_0, c1_0);
      c2_0 = fma(vec4f(x1_0.z), w1_0, c2_0);
      c3_0 = fma(vec4f(x1_0.w), w1_0, c3_0);
      c0_0 = fma(vec4f(x2_0.x), w2_0, c0_0);
      c1_0 = fma(vec4f(x2_0.y), w2_0, c1_0);
      c2_0 = fma(vec4f(x2_0.z), w2_0, c2_0);
      c3_0 = fma(vec4f(x2_0.w), w2_0, c3_0);
      c0_0 = fma(vec4f(x3_0.x), w3_0, c0_0);
      c1_0 = fma(vec4f(x3_0.y), w3_0, c1_0);
      c2_0 = fma(vec4f(x3_0.z), w3_0, c2_0);
      c3_0 = fma(vec4f(x3_0.w), w3_0, c3_0);
    }
    workgroupBarrier();
  }
  {
    let m = top + down * 4 + 0;
    let n = side + 4 * (right + 0);
    
    if (m < 60) { if (n + 0 < 6) { parts[(((number * 2 + split) * 60 + m) * 1 + group) * 6 + n + 0] = c0_0.x; } if (n + 1 < 6) { parts[(((number * 2 + split) * 60 + m) * 1 + group) * 6 + n + 1] = c0_0.y; } if (n + 2 < 6) { parts[(((number * 2 + split) * 60 + m) * 1 + group) * 6 + n + 2] = c0_0.z; } if (n + 3 < 6) { parts[(((number * 2 + split) * 60 + m) * 1 + group) * 6 + n + 3] = c0_0.w; } }
  }
  {
    let m = top + down * 4 + 1;
    let n = side + 4 * (right + 0);
    
    if (m < 60) { if (n + 0 < 6) { parts[(((number * 2 + split) * 60 + m) * 1 + group) * 6 + n + 0] = c1_0.x; } if (n + 1 < 6) { parts[(((number * 2 + split) * 60 + m) * 1 + group) * 6 + n + 1] = c1_0.y; } if (n + 2 < 6) { parts[(((number * 2 + split) * 60 + m) * 1 + group) * 6 + n + 2] = c1_0.z; } if (n + 3 < 6) { parts[(((number * 2 + split) * 60 + m) * 1 + group) * 6 + n + 3] = c1_0.w; } }
  }
  {
    let m = top + down * 4 + 2;
    let n = side + 4 * (right + 0);
    
    if (m < 60) { if (n + 0 < 6) { parts[(((number * 2 + split) * 60 + m) * 1 + group) * 6 + n + 0] = c2_0.x; } if (n + 1 < 6) { parts[(((number * 2 + split) * 60 + m) * 1 + group) * 6 + n + 1] = c2_0.y; } if (n + 2 < 6) { parts[(((number * 2 + split) * 60 + m) * 1 + group) * 6 + n + 2] = c2_0.z; } if (n + 3 < 6) { parts[(((number * 2 + split) * 60 + m) * 1 + group) * 6 + n + 3] = c2_0.w; } }
  }
  {
    let m = top + down * 4 + 3;
    let n = side + 4 * (right + 0);
    
    if (m < 60) { if (n + 0 < 6) { parts[(((number * 2 + split) * 60 + m) * 1 + group) * 6 + n + 0] = c3_0.x; } if (n + 1 < 6) { parts[(((number * 2 + split) * 60 + m) * 1 + group) * 6 + n + 1] = c3_0.y; } if (n + 2 < 6) { parts[(((number * 2 + split) * 60 + m) * 1 + group) * 6 + n + 2] = c3_0.z; } if (n + 3 < 6) { parts[(((number * 2 + split) * 60 + m) * 1 + group) * 6 + n + 3] = c3_0.w; } }
  }
}
