// groups 4 × 1 × 1
@group(0) @binding(0) var<storage, read_write> y: array<vec4f>;
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

fn numbers(w: vec4u, a: u32, b: u32) -> vec4f {
  return vec4f(w >> vec4u(8u)) * 0x1p-24f * bitcast<f32>(b) + bitcast<f32>(a);
}
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 256) { return; }
  let w = words(seed[0], vec2u(told[0], told[1]), u32(t));
  let z = numbers(w, told[2], told[3]);
  y[t] = z;
}
