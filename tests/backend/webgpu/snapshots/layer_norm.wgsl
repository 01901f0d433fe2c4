// groups 5 × 1 × 1
@group(0) @binding(0) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> weight: array<vec4f>;
@group(0) @binding(3) var<storage, read> bias: array<vec4f>;
var<workgroup> row_sum_of_lanes_of: array<f32, 8>;
fn row_sum_of_lanes(lane: i32, value: f32) -> f32 {
  row_sum_of_lanes_of[lane] = value;
  for (var apart = 4; apart > 0; apart /= 2) {
    workgroupBarrier();
    if (lane < apart) {
      let a = row_sum_of_lanes_of[lane];
      let b = row_sum_of_lanes_of[lane + apart];
      row_sum_of_lanes_of[lane] = a + b;
    }
  }
  workgroupBarrier();
  let all = row_sum_of_lanes_of[0];
  workgroupBarrier();
  return all;
}

fn row_sum(lane: i32, value: vec4f) -> f32 { return row_sum_of_lanes(lane, dot(value, vec4f(1.0))); }
@compute @workgroup_size(8) fn main(
  @builtin(workgroup_id) team: vec3u, @builtin(num_workgroups) teams: vec3u,
  @builtin(local_invocation_index) index: u32
) {
  let item = i32(team.x + team.y * teams.x);
  if (item >= 5) { return; }
  let lane = i32(index);
  var sum = vec4f();
  for (var i = lane; i < 257; i += 8) {
    let at = item * 257 + i;
    sum += x[at];
  }

  let center = row_sum(lane, sum) / 1028.0;
  var squares = vec4f();
  for (var i = lane; i < 257; i += 8) {
    let at = item * 257 + i;
    let distance = x[at] - center;
    squares += distance * distance;
  }

  let inverse = inverseSqrt(row_sum(lane, squares) / 1028.0 + 0.00001f);

  for (var i = lane; i < 257; i += 8) {
    let at = item * 257 + i;
    y[at] = fma((x[at] - center) * inverse, weight[i], bias[i]);
  }

}
