// groups 1 × 1 × 1
@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<storage, read> seed: array<u32>;
@group(0) @binding(2) var<storage, read> told: array<u32>;

fn words(seed: u32, path: vec2u, block: u32) -> vec4u {
  let k = array(seed, path.x, path.y, 1u, 466688986u ^ seed ^ path.x ^ path.y ^ 1u);
  var x = vec4u(block + k[0], k[1], k[2], k[3]);
  x.x += x.y; x.y = (x.y << 10u | x.y >> 22u) ^ x.x;
  x.z += x.w; x.w = (x.w << 26u | x.w >> 6u) ^ x.z;
  x.x += x.w; x.w = (x.w << 11u | x.w >> 21u) ^ x.x;
  x.z += x.y; x.y = (x.y << 21u | x.y >> 11u) ^ x.z;
  x.x += x.y; x.y = (x.y << 13u | x.y >> 19u) ^ x.x;
  x.z += x.w; x.w = (x.w << 27u | x.w >> 5u) ^ x.z;
  x.x += x.w; x.w = (x.w << 23u | x.w >> 9u) ^ x.x;
  x.z += x.y; x.y = (x.y << 5u | x.y >> 27u) ^ x.z;
  x += vec4u(k[1], k[2], k[3], k[4] + 1u);
  x.x += x.y; x.y = (x.y << 6u | x.y >> 26u) ^ x.x;
  x.z += x.w; x.w = (x.w << 20u | x.w >> 12u) ^ x.z;
  x.x += x.w; x.w = (x.w << 17u | x.w >> 15u) ^ x.x;
  x.z += x.y; x.y = (x.y << 11u | x.y >> 21u) ^ x.z;
  x.x += x.y; x.y = (x.y << 25u | x.y >> 7u) ^ x.x;
  x.z += x.w; x.w = (x.w << 10u | x.w >> 22u) ^ x.z;
  x.x += x.w; x.w = (x.w << 18u | x.w >> 14u) ^ x.x;
  x.z += x.y; x.y = (x.y << 20u | x.y >> 12u) ^ x.z;
  x += vec4u(k[2], k[3], k[4], k[0] + 2u);
  x.x += x.y; x.y = (x.y << 10u | x.y >> 22u) ^ x.x;
  x.z += x.w; x.w = (x.w << 26u | x.w >> 6u) ^ x.z;
  x.x += x.w; x.w = (x.w << 11u | x.w >> 21u) ^ x.x;
  x.z += x.y; x.y = (x.y << 21u | x.y >> 11u) ^ x.z;
  x.x += x.y; x.y = (x.y << 13u | x.y >> 19u) ^ x.x;
  x.z += x.w; x.w = (x.w << 27u | x.w >> 5u) ^ x.z;
  x.x += x.w; x.w = (x.w << 23u | x.w >> 9u) ^ x.x;
  x.z += x.y; x.y = (x.y << 5u | x.y >> 27u) ^ x.z;
  x += vec4u(k[3], k[4], k[0], k[1] + 3u);
  x.x += x.y; x.y = (x.y << 6u | x.y >> 26u) ^ x.x;
  x.z += x.w; x.w = (x.w << 20u | x.w >> 12u) ^ x.z;
  x.x += x.w; x.w = (x.w << 17u | x.w >> 15u) ^ x.x;
  x.z += x.y; x.y = (x.y << 11u | x.y >> 21u) ^ x.z;
  x.x += x.y; x.y = (x.y << 25u | x.y >> 7u) ^ x.x;
  x.z += x.w; x.w = (x.w << 10u | x.w >> 22u) ^ x.z;
  x.x += x.w; x.w = (x.w << 18u | x.w >> 14u) ^ x.x;
  x.z += x.y; x.y = (x.y << 20u | x.y >> 12u) ^ x.z;
  x += vec4u(k[4], k[0], k[1], k[2] + 4u);
  x.x += x.y; x.y = (x.y << 10u | x.y >> 22u) ^ x.x;
  x.z += x.w; x.w = (x.w << 26u | x.w >> 6u) ^ x.z;
  x.x += x.w; x.w = (x.w << 11u | x.w >> 21u) ^ x.x;
  x.z += x.y; x.y = (x.y << 21u | x.y >> 11u) ^ x.z;
  x.x += x.y; x.y = (x.y << 13u | x.y >> 19u) ^ x.x;
  x.z += x.w; x.w = (x.w << 27u | x.w >> 5u) ^ x.z;
  x.x += x.w; x.w = (x.w << 23u | x.w >> 9u) ^ x.x;
  x.z += x.y; x.y = (x.y << 5u | x.y >> 27u) ^ x.z;
  x += vec4u(k[0], k[1], k[2], k[3] + 5u);
  return x;
}

fn radius(w: vec2u) -> vec2f {
  let shift = countLeadingZeros(w | vec2u(1u));
  let last = (w << shift) + ((vec2u(1u) << shift) - 1u); // (n << shift) - 1, which is never too large
  let above = last >= vec2u(0xb504f333u);
  let d = select(vec2f(last - 0x7fffffffu) * 0x1p-31f, -vec2f(~last) * 0x1p-32f, above);
  let e = -vec2f(shift) - select(vec2f(1.0), vec2f(0.0), above);
  let s = d / (2.0 + d);
  let q = s * s;
  let series = 1.0 + q * (0.3333333333333333 + q * (0.2 + q * (0.14285714285714285 + q * 0.1111111111111111)));
  return sqrt(-2.0 * (e * 0.6931471805599453 + 2.0 * s * series));
}
fn direction(w: u32) -> vec2f {
  let quarter = (w + 0x20000000u) >> 30u;
  let x = f32(bitcast<i32>(w - (quarter << 30u))) * 1.4629180792671596e-9;
  let q = x * x;
  let c = 1.0 - q * (0.5 - q * (0.041666666666666664 - q * (0.001388888888888889 - q * 0.0000248015873015873)));
  let s = x * (1.0 - q * (0.16666666666666666 - q * (0.008333333333333333 - q * (0.0001984126984126984 - q * 0.0000027557319223985893))));
  let turned = select(vec2f(c, s), vec2f(-s, c), (quarter & 1u) == 1u);
  return select(turned, -turned, quarter >= 2u);
}

fn numbers(w: vec4u, a: u32, b: u32) -> vec4f {
  let r = radius(w.xz);
  return vec4f(r.x * direction(w.y), r.y * direction(w.w)) * bitcast<f32>(b) + bitcast<f32>(a);
}
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 2) { return; }
  let w = words(seed[0], vec2u(told[0], told[1]), u32(t));
  var z = numbers(w, told[2], told[3]);
  for (var i = 0; i < min(4, 7 - 4 * t); i++) { y[4 * t + i] = z[i]; }
}
