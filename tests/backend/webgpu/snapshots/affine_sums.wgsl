// groups 2 × 1 × 1
@group(0) @binding(0) var<storage, read_write> dWeight: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> dBias: array<vec4f>;
@group(0) @binding(2) var<storage, read> weights: array<vec4f>;
@group(0) @binding(3) var<storage, read> biases: array<vec4f>;
var<workgroup> together_of: array<vec4f, 256>;
fn together(lane: i32, value: vec4f) -> vec4f {
  together_of[lane] = value;
  for (var apart = 128; apart > 0; apart /= 2) {
    workgroupBarrier();
    if (lane < apart) {
      let a = together_of[lane];
      let b = together_of[lane + apart];
      together_of[lane] = a + b;
    }
  }
  workgroupBarrier();
  let all = together_of[0];
  workgroupBarrier();
  return all;
}
@compute @workgroup_size(256) fn main(
  @builtin(workgroup_id) team: vec3u, @builtin(num_workgroups) teams: vec3u,
  @builtin(local_invocation_index) index: u32
) {
  let item = i32(team.x + team.y * teams.x);
  if (item >= 2) { return; }
  let lane = i32(index);
  var along = vec4f();
  var sum = vec4f();
  for (var part = lane; part < 3; part += 256) {
    along += weights[part * 2 + item];
    sum += biases[part * 2 + item];
  }
  along = together(lane, along);
  sum = together(lane, sum);
  if (lane == 0) {
    dWeight[item] = along;
    dBias[item] = sum;
  }
}
