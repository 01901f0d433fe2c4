// groups 13 × 1 × 1
@group(0) @binding(0) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 792) { return; }
  var at = t % 2;
  var place = 0;
  var taken = true;
  place = t / 2 % 11 - 3;
  taken = taken && place >= 0 && place % 3 == 0 && place / 3 < 3;
  at += place / 3 * 2;
  place = t / 22 % 2;
  at += place * 6;
  place = t / 44 % 9 - 2;
  taken = taken && place >= 0 && place % 2 == 0 && place / 2 < 3;
  at += place / 2 * 12;
  place = t / 396 % 2;
  at += place * 36;
  y[t] = vec4f(f32(0));
  if (taken) { y[t] = x[at]; }
}
