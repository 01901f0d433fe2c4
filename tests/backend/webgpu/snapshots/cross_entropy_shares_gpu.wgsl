// groups 5 × 1 × 1
@group(0) @binding(0) var<storage, read_write> losses: array<f32>;
@group(0) @binding(1) var<storage, read_write> slope: array<vec4f>;
@group(0) @binding(2) var<storage, read> logits: array<vec4f>;
@group(0) @binding(3) var<storage, read> labels: array<vec4f>;
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
var<workgroup> row_max_of_lanes_of: array<f32, 8>;
fn row_max_of_lanes(lane: i32, value: f32) -> f32 {
  row_max_of_lanes_of[lane] = value;
  for (var apart = 4; apart > 0; apart /= 2) {
    workgroupBarrier();
    if (lane < apart) {
      let a = row_max_of_lanes_of[lane];
      let b = row_max_of_lanes_of[lane + apart];
      row_max_of_lanes_of[lane] = max(a, b);
    }
  }
  workgroupBarrier();
  let all = row_max_of_lanes_of[0];
  workgroupBarrier();
  return all;
}

fn row_max(lane: i32, value: vec4f) -> f32 { return row_max_of_lanes(lane, max(max(value.x, value.y), max(value.z, value.w))); }
@compute @workgroup_size(8) fn main(
  @builtin(workgroup_id) team: vec3u, @builtin(num_workgroups) teams: vec3u,
  @builtin(local_invocation_index) index: u32
) {
  let item = i32(team.x + team.y * teams.x);
  if (item >= 5) { return; }
  let lane = i32(index);
  var most = logits[item * 257];
  for (var i = lane; i < 257; i += 8) {
    let at = item * 257 + i;
    most = max(most, logits[at]);
  }

  let top = row_max(lane, most);
  var sum = vec4f();
  for (var i = lane; i < 257; i += 8) {
    let at = item * 257 + i;
    sum += exp(logits[at] - top);
  }

  let all = log(row_sum(lane, sum));
  var known = vec4f();
  for (var i = lane; i < 257; i += 8) {
    let at = item * 257 + i;
    let target_share = labels[at];
    let log_probability = logits[at] - top - all;
    slope[at] = exp(log_probability) - target_share;
    known += target_share * log_probability;
  }

  let loss = -row_sum(lane, known);
  if (lane == 0) { losses[item] = loss; }
}
