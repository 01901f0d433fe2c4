// groups 24 × 1 × 1
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
  if (item >= 24) { return; }
  let lane = i32(index);
  let side = item % 1 * 16;
  let top = item / 1 % 3 * 16;
  let split = item / 3 % 2;
  let product = item / 6;
  let group = product % 1;
  let phase = product / 1 % 4;
  let number = product / 4;
  let leadY = (phase / 2 * 1 + 0) % 2;
  let firstY = leadY / 1 * 1 % 2;
  let allY = max(0, (4 - firstY) / 2);
  let tapsY = select(0, allY, leadY % 1 == 0);
  let leadX = (phase % 2 * 1 + 1) % 2;
  let firstX = leadX / 1 * 1 % 2;
  let allX = max(0, (5 - firstX) / 2);
  let tapsX = select(0, allX, leadX % 1 == 0);
  let depth = tapsY * tapsX * 6;
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
      let y = m / 5 % 4 * 2 + phase / 2;
      let x = m % 5 * 2 + phase % 2;
      let tap = k / 6;
      let channel = k % 6;
      let tapY = firstY + tap / tapsX * 2;
      let tapX = firstX + tap % tapsX * 2;
      let sourceY = (y * 1 + tapY * -1 + 2) / 2;
      let sourceX = (x * 1 + tapX * -1 + 1) / 2;
      if (k < end && m < 40 && y < 7 && x < 10 && sourceY >= 0 && sourceY < 4 && sourceX >= 0 && sourceX < 5) { value[e] = source[(((image * 4 + sourceY) * 5 + sourceX) * 1 + group) * 6 + channel]; }
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
      let y = m / 5 % 4 * 2 + phase / 2;
      let x = m % 5 * 2 + phase % 2;
      let tap = k / 6;
      let channel = k % 6;
      let tapY = firstY + tap / tapsX * 2;
      let tapX = firstX + tap % tapsX * 2;
      let sourceY = (y * 1 + tapY * -1 + 2) / 2;
      let sourceX = (x * 1 + tapX * -1 + 1) / 2;
      if (k < end && m < 40 && y < 7 && x < 10 && sourceY >= 0 && sourceY < 4 && sourceX >= 0 && sourceX < 5) { value[e] = source[(((image * 4 + sourceY) * 5 + sourceX) * 1 + group) * 6 + channel]; }
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
      let y = m / 5 % 4 * 2 + phase / 2;
      let x = m % 5 * 2 + phase % 2;
      let tap = k / 6;
      let channel = k % 6;
      let tapY = firstY + tap / tapsX * 2;
      let tapX = firstX + tap % tapsX * 2;
      let sourceY = (y * 1 + tapY * -1 + 2) / 2;
      let sourceX = (x * 1 + tapX * -1 + 1) / 2;
      if (k < end && m < 40 && y < 7 && x < 10 && sourceY >= 0 && sourceY < 4 && sourceX >= 0 && sourceX < 5) { value[e] = source[(((image * 4 + sourceY) * 5 + sourceX) * 1 + group) * 6 + channel]; }
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
      let y = m / 5 % 4 * 2 + phase / 2;
      let x = m % 5 * 2 + phase % 2;
      let tap = k / 6;
      let channel = k % 6;
      let tapY = firstY + tap / tapsX * 2;
      let tapX = firstX + tap % tapsX * 2;
      let sourceY = (y * 1 + tapY * -1 + 2) / 2;
      let sourceX = (x * 1 + tapX * -1 + 1) / 2;
      if (k < end && m < 40 && y < 7 && x < 10 && sourceY >= 0 && sourceY < 4 && sourceX >= 0 && sourceX < 5) { value[e] = source[(((image * 4 + sourceY) * 5 + sourceX) * 1 + group) * 6 + channel]; }
      }
      aTile[i / 4 * 4 + ((i % 4) ^ ((i / 16) & 3))] = value;
    }
    {
      let i = lane + 0;
      var value = vec4f();
      for (var e = 0; e < 4; e++) {
      let n = side + i / 4;
      let k = deep + 4 * (i % 4) + e;
      let tap = k / 6;
      let channel = k % 6;
      let tapY = firstY + tap / tapsX * 2;
      let tapX = firstX + tap % tapsX * 2;
      let taps = (0 * 3 + tapY) * 4 + tapX;
      if (k < end && n < 5) { value[e] = weights[(taps * 5 + n) * 6 + group * 6 + channel]; }
      }
      bTile[i / 4 * 4 + ((i % 4) ^ ((i / 16) & 3))] = value;
    }
    {
      let i = lane + 16;
      var value = vec4f();
      for (var e = 0; e < 4; e++) {
      let n = side + i / 4;
      let k = deep + 4 * (i % 4) + e;
      let tap = k / 6;
      let channel = k % 6;
      let tapY = firstY + tap / tapsX * 2;
      let tapX = firstX + tap % tapsX * 2;
      let taps = (0 * 3 + tapY) * 4 + tapX;
      if (k < end && n < 5) { value[e] = weights[(taps * 5 + n) * 6 + group * 6 + channel]; }
      }
      bTile[i / 4 * 4 + ((i % 4) ^ ((i / 16) & 3))] = value;
    }
    {
      let i = lane + 32;
      var value = vec4f();
      for (var e = 0; e < 4; e++) {
      let n = side + i / 4;
      let k = deep + 4 * (i % 4) + e;
      let tap = k / 6;
      let channel = k % 6;
      let tapY = firstY + tap / tapsX * 2;
      let tapX = firstX + tap % tapsX * 2;
      let taps = (0 * 3 + tapY) * 4 + tapX;
      if (k < end && n < 5) { value[e] = weights[(taps * 5 + n) * 6 + group * 6 + channel]; }
      }
      bTile[i / 4 * 4 + ((i % 4) ^ ((i / 16) & 3))] = value;
    }
    {
      let i = lane + 48;
      var value = vec4f();
      for (var e = 0; e < 4; e++) {
      let n = side + i / 4;
      let k = deep + 4 * (i % 4) + e;
      let tap = k / 6;
      let channel = k % 6;
      let tapY = firstY + tap / tapsX * 2;
      let tapX = firstX + tap % tapsX * 2;
      let taps = (0 * 3 + tapY) * 4 + tapX;
      if (k < end && n < 5) { value[e] = weights[(taps * 5 + n) * 6 + group * 6 + channel]; }
      }
      bTile[i / 4 * 4 + ((i % 4) ^ ((i / 16) & 3))] = value;
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
      let wv0_0 = bTile[(4 * (right + 0) + 0) * 4 + ((s) ^ ((right + 0) & 3))];
      let wv1_0 = bTile[(4 * (right + 0) + 1) * 4 + ((s) ^ ((right + 0) & 3))];
      let wv2_0 = bTile[(4 * (right + 0) + 2) * 4 + ((s) ^ ((right + 0) & 3))];
      let wv3_0 = bTile[(4 * (right + 0) + 3) * 4 + ((s) ^ ((right + 0) & 3))];
      let w0_0 = vec4f(wv0_0.x, wv1_0.x, wv2_0.x, wv3_0.x);
      let w1_0 = vec4f(wv0_0.y, wv1_0.y, wv2_0.y, wv3_0.y);
      let w2_0 = vec4f(wv0_0.z, wv1_0.z, wv2_0.z, wv3_0.z);
      let w3_0 = vec4f(wv0_0.w, wv1_0.w, wv2_0.w, wv3_0.w);
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
    let y = m / 5 % 4 * 2 + phase / 2;
    let x = m % 5 * 2 + phase % 2;
    if (m < 40 && y < 7 && x < 10) { if (n + 0 < 5) { result[((((split * 2 + image) * 7 + y) * 10 + x) * 1 + group) * 5 + n + 0] = c0_0.x; } if (n + 1 < 5) { result[((((split * 2 + image) * 7 + y) * 10 + x) * 1 + group) * 5 + n + 1] = c0_0.y; } if (n + 2 < 5) { result[((((split * 2 + image) * 7 + y) * 10 + x) * 1 + group) * 5 + n + 2] = c0_0.z; } if (n + 3 < 5) { result[((((split * 2 + image) * 7 + y) * 10 + x) * 1 + group) * 5 + n + 3] = c0_0.w; } }
  }
  {
    let m = top + down * 4 + 1;
    let n = side + 4 * (right + 0);
    let image = number * 2 + m / 20;
    let y = m / 5 % 4 * 2 + phase / 2;
    let x = m % 5 * 2 + phase % 2;
    if (m < 40 && y < 7 && x < 10) { if (n + 0 < 5) { result[((((split * 2 + image) * 7 + y) * 10 + x) * 1 + group) * 5 + n + 0] = c1_0.x; } if (n + 1 < 5) { result[((((split * 2 + image) * 7 + y) * 10 + x) * 1 + group) * 5 + n + 1] = c1_0.y; } if (n + 2 < 5) { result[((((split * 2 + image) * 7 + y) * 10 + x) * 1 + group) * 5 + n + 2] = c1_0.z; } if (n + 3 < 5) { result[((((split * 2 + image) * 7 + y) * 10 + x) * 1 + group) * 5 + n + 3] = c1_0.w; } }
  }
  {
    let m = top + down * 4 + 2;
    let n = side + 4 * (right + 0);
    let image = number * 2 + m / 20;
    let y = m / 5 % 4 * 2 + phase / 2;
    let x = m % 5 * 2 + phase % 2;
    if (m < 40 && y < 7 && x < 10) { if (n + 0 < 5) { result[((((split * 2 + image) * 7 + y) * 10 + x) * 1 + group) * 5 + n + 0] = c2_0.x; } if (n + 1 < 5) { result[((((split * 2 + image) * 7 + y) * 10 + x) * 1 + group) * 5 + n + 1] = c2_0.y; } if (n + 2 < 5) { result[((((split * 2 + image) * 7 + y) * 10 + x) * 1 + group) * 5 + n + 2] = c2_0.z; } if (n + 3 < 5) { result[((((split * 2 + image) * 7 + y) * 10 + x) * 1 + group) * 5 + n + 3] = c2_0.w; } }
  }
  {
    let m = top + down * 4 + 3;
    let n = side + 4 * (right + 0);
    let image = number * 2 + m / 20;
    let y = m / 5 % 4 * 2 + phase / 2;
    let x = m % 5 * 2 + phase % 2;
    if (m < 40 && y < 7 && x < 10) { if (n + 0 < 5) { result[((((split * 2 + image) * 7 + y) * 10 + x) * 1 + group) * 5 + n + 0] = c3_0.x; } if (n + 1 < 5) { result[((((split * 2 + image) * 7 + y) * 10 + x) * 1 + group) * 5 + n + 1] = c3_0.y; } if (n + 2 < 5) { result[((((split * 2 + image) * 7 + y) * 10 + x) * 1 + group) * 5 + n + 2] = c3_0.z; } if (n + 3 < 5) { result[((((split * 2 + image) * 7 + y) * 10 + x) * 1 + group) * 5 + n + 3] = c3_0.w; } }
  }
}
