// groups 6 × 1 × 1
@group(0) @binding(0) var<storage, read_write> result: array<f32>;
@group(0) @binding(1) var<storage, read> source: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
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
  let phase = product / 1 % 1;
  let number = product / 1;
  let leadY = (phase / 1 * 2 + 0) % 1;
  let firstY = leadY / 1 * 0 % 1;
  let allY = max(0, (3 - firstY) / 1);
  let tapsY = select(0, allY, leadY % 1 == 0);
  let leadX = (phase % 1 * 2 + 0) % 1;
  let firstX = leadX / 1 * 0 % 1;
  let allX = max(0, (4 - firstX) / 1);
  let tapsX = select(0, allX, leadX % 1 == 0);
  let depth = tapsY * tapsX * 5;
  let share = (depth + 31) / 32 * 16;
  let first = split * share;
  let end = min(first + share, depth);
  let right = lane % 4;
  let down = lane / 4;
  var c0_0 = vec4f(); var c1_0 = vec4f(); var c2_0 = vec4f(); var c3_0 = vec4f();
  for (var deep = first; deep < end; deep += 16) {
    {
      let i = lane + 0;
      var value = vec4f();
      for (var e = 0; e < 4; e++) {
      let m = top + i / 4;
      let k = deep + 4 * (i % 4) + e;
      let image = number * 2 + m / 20;
      let y = m / 5 % 4 * 1 + phase / 1;
      let x = m % 5 * 1 + phase % 1;
      let tap = k / 5;
      let channel = k % 5;
      let tapY = firstY + tap / tapsX * 1;
      let tapX = firstX + tap % tapsX * 1;
      let sourceY = (y * 2 + tapY * 1 + -2) / 1;
      let sourceX = (x * 2 + tapX * 1 + -1) / 1;
      if (k < end && m < 40 && y < 4 && x < 5 && sourceY >= 0 && sourceY < 7 && sourceX >= 0 && sourceX < 10) { value[e] = source[(((image * 7 + sourceY) * 10 + sourceX) * 1 + group) * 5 + channel]; }
      }
      aTile[i / 4 * 4 + ((i % 4) ^ ((i / 16) & 3))] = value;
    }
    {
      let i = lane + 16;
      var value = vec4f();
      for (var e = 0; e < 4; e++) {
      let m = top + i / 4;
      let k = deep + 4 * (i % 4) + e;
      let image = number * 2 + m / 20;
      let y = m / 5 % 4 * 1 + phase / 1;
      let x = m % 5 * 1 + phase % 1;
      let tap = k / 5;
      let channel = k % 5;
      let tapY = firstY + tap / tapsX * 1;
      let tapX = firstX + tap % tapsX * 1;
      let sourceY = (y * 2 + tapY * 1 + -2) / 1;
      let sourceX = (x * 2 + tapX * 1 + -1) / 1;
      if (k < end && m < 40 && y < 4 && x < 5 && sourceY >= 0 && sourceY < 7 && sourceX >= 0 && sourceX < 10) { value[e] = source[(((image * 7 + sourceY) * 10 + sourceX) * 1 + group) * 5 + channel]; }
      }
      aTile[i / 4 * 4 + ((i % 4) ^ ((i / 16) & 3))] = value;
    }
    {
      let i = lane + 32;
      var value = vec4f();
      for (var e = 0; e < 4; e++) {
      let m = top + i / 4;
      let k = deep + 4 * (i % 4) + e;
      let image = number * 2 + m / 20;
      let y = m / 5 % 4 * 1 + phase / 1;
      let x = m % 5 * 1 + phase % 1;
      let tap = k / 5;
      let channel = k % 5;
      let tapY = firstY + tap / tapsX * 1;
      let tapX = firstX + tap % tapsX * 1;
      let sourceY = (y * 2 + tapY * 1 + -2) / 1;
      let sourceX = (x * 2 + tapX * 1 + -1) / 1;
      if (k < end && m < 40 && y < 4 && x < 5 && sourceY >= 0 && sourceY < 7 && sourceX >= 0 && sourceX < 10) { value[e] = source[(((image * 7 + sourceY) * 10 + sourceX) * 1 + group) * 5 + channel]; }
      }
      aTile[i / 4 * 4 + ((i % 4) ^ ((i / 16) & 3))] = value;
    }
    {
      let i = lane + 48;
      var value = vec4f();
      for (var e = 0; e < 4; e++) {
      let m = top + i / 4;
      let k = deep + 4 * (i % 4) + e;
      let image = number * 2 + m / 20;
      let y = m / 5 % 4 * 1 + phase / 1;
      let x = m % 5 * 1 + phase % 1;
      let tap = k / 5;
      let channel = k % 5;
      let tapY = firstY + tap / tapsX * 1;
      let tapX = firstX + tap % tapsX * 1;
      let sourceY = (y * 2 + tapY * 1 + -2) / 1;
      let sourceX = (x * 2 + tapX * 1 + -1) / 1;
      if (k < end && m < 40 && y < 4 && x < 5 && sourceY >= 0 && sourceY < 7 && sourceX >= 0 && sourceX < 10) { value[e] = source[(((image * 7 + sourceY) * 10 + sourceX) * 1 + group) * 5 + channel]; }
      }
      aTile[i / 4 * 4 + ((i % 4) ^ ((i / 16) & 3))] = value;
    }
    {
      let i = lane + 0;
      var value = vec4f();
      for (var e = 0; e < 4; e++) {
      let n = side + 4 * (i % 4) + e;
      let k = deep + i / 4;
      let tap = k / 5;
      let channel = k % 5;
      let tapY = firstY + tap / tapsX * 1;
      let tapX = firstX + tap % tapsX * 1;
      let taps = (0 * 3 + tapY) * 4 + tapX;
      if (k < end && n < 6) { value[e] = weights[(taps * 5 + channel) * 6 + group * 6 + n]; }
      }
      bTile[i] = value;
    }
    {
      let i = lane + 16;
      var value = vec4f();
      for (var e = 0; e < 4; e++) {
      let n = side + 4 * (i % 4) + e;
      let k = deep + i / 4;
      let tap = k / 5;
      let channel = k % 5;
      let tapY = firstY + tap / tapsX * 1;
      let tapX = firstX + tap % tapsX * 1;
      let taps = (0 * 3 + tapY) * 4 + tapX;
      if (k < end && n < 6) { value[e] = weights[(taps * 5 + channel) * 6 + group * 6 + n]; }
      }
      bTile[i] = value;
    }
    {
      let i = lane + 32;
      var value = vec4f();
      for (var e = 0; e < 4; e++) {
      let n = side + 4 * (i % 4) + e;
      let k = deep + i / 4;
      let tap = k / 5;
      let channel = k % 5;
      let tapY = firstY + tap / tapsX * 1;
      let tapX = firstX + tap % tapsX * 1;
      let taps = (0 * 3 + tapY) * 4 + tapX;
      if (k < end && n < 6) { value[e] = weights[(taps * 5 + channel) * 6 + group * 6 + n]; }
      }
      bTile[i] = value;
    }
    {
      let i = lane + 48;
      var value = vec4f();
      for (var e = 0; e < 4; e++) {
      let n = side + 4 * (i % 4) + e;
      let k = deep + i / 4;
      let tap = k / 5;
      let channel = k % 5;
      let tapY = firstY + tap / tapsX * 1;
      let tapX = firstX + tap % tapsX * 1;
      let taps = (0 * 3 + tapY) * 4 + tapX;
      if (k < end && n < 6) { value[e] = weights[(taps * 5 + channel) * 6 + group * 6 + n]; }
      }
      bTile[i] = value;
    }
    workgroupBarrier();
    for (var s = 0; s < 4; s++) {
      let xv0_0 = aTile[(4 * (down * 1 + 0) + 0) * 4 + ((s) ^ ((down * 1 + 0) & 3))];
      let xv1_0 = aTile[(4 * (down * 1 + 0) + 1) * 4 + ((s) ^ ((down * 1 + 0) & 3))];
      let xv2_0 = aTile[(4 * (down * 1 + 0) + 2) * 4 + ((s) ^ ((down * 1 + 0) & 3))];
      let xv3_0 = aTile[(4 * (down * 1 + 0) + 3) * 4 + ((s) ^ ((down * 1 + 0) & 3))];
      let x0_0 = vec4f(xv0_0.x, xv1_0.x, xv2_0.x, xv3_0.x);
      let x1_0 = vec4f(xv0_0.y, xv1_0.y, xv2_0.y, xv3_0.y);
      let x2_0 = vec4f(xv0_0.z, xv1_0.z, xv2_0.z, xv3_0.z);
      let x3_0 = vec4f(xv0_0.w, xv1_0.w, xv2_0.w, xv3_0.w);
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
    let image = number * 2 + m / 20;
    let y = m / 5 % 4 * 1 + phase / 1;
    let x = m % 5 * 1 + phase % 1;
    if (m < 40 && y < 4 && x < 5) { if (n + 0 < 6) { result[((((split * 2 + image) * 4 + y) * 5 + x) * 1 + group) * 6 + n + 0] = c0_0.x; } if (n + 1 < 6) { result[((((split * 2 + image) * 4 + y) * 5 + x) * 1 + group) * 6 + n + 1] = c0_0.y; } if (n + 2 < 6) { result[((((split * 2 + image) * 4 + y) * 5 + x) * 1 + group) * 6 + n + 2] = c0_0.z; } if (n + 3 < 6) { result[((((split * 2 + image) * 4 + y) * 5 + x) * 1 + group) * 6 + n + 3] = c0_0.w; } }
  }
  {
    let m = top + down * 4 + 1;
    let n = side + 4 * (right + 0);
    let image = number * 2 + m / 20;
    let y = m / 5 % 4 * 1 + phase / 1;
    let x = m % 5 * 1 + phase % 1;
    if (m < 40 && y < 4 && x < 5) { if (n + 0 < 6) { result[((((split * 2 + image) * 4 + y) * 5 + x) * 1 + group) * 6 + n + 0] = c1_0.x; } if (n + 1 < 6) { result[((((split * 2 + image) * 4 + y) * 5 + x) * 1 + group) * 6 + n + 1] = c1_0.y; } if (n + 2 < 6) { result[((((split * 2 + image) * 4 + y) * 5 + x) * 1 + group) * 6 + n + 2] = c1_0.z; } if (n + 3 < 6) { result[((((split * 2 + image) * 4 + y) * 5 + x) * 1 + group) * 6 + n + 3] = c1_0.w; } }
  }
  {
    let m = top + down * 4 + 2;
    let n = side + 4 * (right + 0);
    let image = number * 2 + m / 20;
    let y = m / 5 % 4 * 1 + phase / 1;
    let x = m % 5 * 1 + phase % 1;
    if (m < 40 && y < 4 && x < 5) { if (n + 0 < 6) { result[((((split * 2 + image) * 4 + y) * 5 + x) * 1 + group) * 6 + n + 0] = c2_0.x; } if (n + 1 < 6) { result[((((split * 2 + image) * 4 + y) * 5 + x) * 1 + group) * 6 + n + 1] = c2_0.y; } if (n + 2 < 6) { result[((((split * 2 + image) * 4 + y) * 5 + x) * 1 + group) * 6 + n + 2] = c2_0.z; } if (n + 3 < 6) { result[((((split * 2 + image) * 4 + y) * 5 + x) * 1 + group) * 6 + n + 3] = c2_0.w; } }
  }
  {
    let m = top + down * 4 + 3;
    let n = side + 4 * (right + 0);
    let image = number * 2 + m / 20;
    let y = m / 5 % 4 * 1 + phase / 1;
    let x = m % 5 * 1 + phase % 1;
    if (m < 40 && y < 4 && x < 5) { if (n + 0 < 6) { result[((((split * 2 + image) * 4 + y) * 5 + x) * 1 + group) * 6 + n + 0] = c3_0.x; } if (n + 1 < 6) { result[((((split * 2 + image) * 4 + y) * 5 + x) * 1 + group) * 6 + n + 1] = c3_0.y; } if (n + 2 < 6) { result[((((split * 2 + image) * 4 + y) * 5 + x) * 1 + group) * 6 + n + 2] = c3_0.z; } if (n + 3 < 6) { result[((((split * 2 + image) * 4 + y) * 5 + x) * 1 + group) * 6 + n + 3] = c3_0.w; } }
  }
}
