// groups 6 × 1 × 1
@group(0) @binding(0) var<storage, read_write> parts: array<vec4f>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
var<workgroup> aTile: array<vec4f, 64>;
var<workgroup> bTile: array<vec4f, 64>;
@compute @workgroup_size(16) fn main(
  @builtin(workgroup_id) team: vec3u, @builtin(num_workgroups) teams: vec3u,
  @builtin(local_invocation_index) index: u32
) {
  let item = i32(team.x + team.y * teams.x);
  if (item >= 6) { return; }
  let lane = i32(index);
  let side = item % 1 * 16;
  let top = item / 1 % 3 * 16;
  let split = item / 3 % 2;
  let product = item / 6;
  let group = product % 1;
  let number = product / 1;
  let first = split * 16;
  let end = min(first + 16, 16);
  let right = lane % 4;
  let down = lane / 4;
  var c0_0 = vec4f(); var c1_0 = vec4f(); var c2_0 = vec4f(); var c3_0 = vec4f();
  for (var deep = first; deep < end; deep += 16) {
    {
      let i = lane + 0;
      var value = vec4f();
      let m = top + 4 * (i % 4);
      let k = deep + i / 4;
      let tap = m / 4;
      let tapY = tap / 3 * 1;
      let tapX = tap % 3 * 1;
      let y = k / 4 % 4;
      let x_ = k % 4;
      let sourceY = y * 1 + tapY - 1;
      let sourceX = x_ * 1 + tapX - 1;
      if (m < 36 && k < end && sourceY >= 0 && sourceY < 4 && sourceX >= 0 && sourceX < 4) { value = x[(((((number * 1 + k / 16) * 4 + sourceY) * 4 + sourceX) * 1 + group) * 4 + m % 4) / 4]; }
      aTile[i] = value;
    }
    {
      let i = lane + 16;
      var value = vec4f();
      let m = top + 4 * (i % 4);
      let k = deep + i / 4;
      let tap = m / 4;
      let tapY = tap / 3 * 1;
      let tapX = tap % 3 * 1;
      let y = k / 4 % 4;
      let x_ = k % 4;
      let sourceY = y * 1 + tapY - 1;
      let sourceX = x_ * 1 + tapX - 1;
      if (m < 36 && k < end && sourceY >= 0 && sourceY < 4 && sourceX >= 0 && sourceX < 4) { value = x[(((((number * 1 + k / 16) * 4 + sourceY) * 4 + sourceX) * 1 + group) * 4 + m % 4) / 4]; }
      aTile[i] = value;
    }
    {
      let i = lane + 32;
      var value = vec4f();
      let m = top + 4 * (i % 4);
      let k = deep + i / 4;
      let tap = m / 4;
      let tapY = tap / 3 * 1;
      let tapX = tap % 3 * 1;
      let y = k / 4 % 4;
      let x_ = k % 4;
      let sourceY = y * 1 + tapY - 1;
      let sourceX = x_ * 1 + tapX - 1;
      if (m < 36 && k < end && sourceY >= 0 && sourceY < 4 && sourceX >= 0 && sourceX < 4) { value = x[(((((number * 1 + k / 16) * 4 + sourceY) * 4 + sourceX) * 1 + group) * 4 + m % 4) / 4]; }
      aTile[i] = value;
    }
    {
      let i = lane + 48;
      var value = vec4f();
      let m = top + 4 * (i % 4);
      let k = deep + i / 4;
      let tap = m / 4;
      let tapY = tap / 3 * 1;
      let tapX = tap % 3 * 1;
      let y = k / 4 % 4;
      let x_ = k % 4;
      let sourceY = y * 1 + tapY - 1;
      let sourceX = x_ * 1 + tapX - 1;
      if (m < 36 && k < end && sourceY >= 0 && sourceY < 4 && sourceX >= 0 && sourceX < 4) { value = x[(((((number * 1 + k / 16) * 4 + sourceY) * 4 + sourceX) * 1 + group) * 4 + m % 4) / 4]; }
      aTile[i] = value;
    }
    {
      let i = lane + 0;
      var value = vec4f();
      let n = side + 4 * (i % 4);
      let k = deep + i / 4;
      if (k < end && n < 8) { value = dy[(((number * 16 + k) * 1 + group) * 8 + n) / 4]; }
      bTile[i] = value;
    }
    {
      let i = lane + 16;
      var value = vec4f();
      let n = side + 4 * (i % 4);
      let k = deep + i / 4;
      if (k < end && n < 8) { value = dy[(((number * 16 + k) * 1 + group) * 8 + n) / 4]; }
      bTile[i] = value;
    }
    {
      let i = lane + 32;
      var value = vec4f();
      let n = side + 4 * (i % 4);
      let k = deep + i / 4;
      if (k < end && n < 8) { value = dy[(((number * 16 + k) * 1 + group) * 8 + n) / 4]; }
      bTile[i] = value;
    }
    {
      let i = lane + 48;
      var value = vec4f();
      let n = side + 4 * (i % 4);
      let k = deep + i / 4;
      if (k < end && n < 8) { value = dy[(((number * 16 + k) * 1 + group) * 8 + n) / 4]; }
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
    
    if (m < 36) { if (n + 0 < 8) { parts[((((number * 2 + split) * 36 + m) * 1 + group) * 8 + n) / 4] = c0_0; } }
  }
  {
    let m = top + down * 4 + 1;
    let n = side + 4 * (right + 0);
    
    if (m < 36) { if (n + 0 < 8) { parts[((((number * 2 + split) * 36 + m) * 1 + group) * 8 + n) / 4] = c1_0; } }
  }
  {
    let m = top + down * 4 + 2;
    let n = side + 4 * (right + 0);
    
    if (m < 36) { if (n + 0 < 8) { parts[((((number * 2 + split) * 36 + m) * 1 + group) * 8 + n) / 4] = c2_0; } }
  }
  {
    let m = top + down * 4 + 3;
    let n = side + 4 * (right + 0);
    
    if (m < 36) { if (n + 0 < 8) { parts[((((number * 2 + split) * 36 + m) * 1 + group) * 8 + n) / 4] = c3_0; } }
  }
}
