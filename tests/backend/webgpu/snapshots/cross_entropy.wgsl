// groups 1 × 1 × 1
@group(0) @binding(0) var<storage, read_write> losses: array<f32>;
@group(0) @binding(1) var<storage, read_write> slope: array<f32>;
@group(0) @binding(2) var<storage, read> logits: array<f32>;
@group(0) @binding(3) var<storage, read> labels: array<i32>;
fn row_sum_of_lanes(lane: i32, value: f32) -> f32 { return value; }

fn row_sum(lane: i32, value: f32) -> f32 { return row_sum_of_lanes(lane, value); }
fn row_max_of_lanes(lane: i32, value: f32) -> f32 { return value; }

fn row_max(lane: i32, value: f32) -> f32 { return row_max_of_lanes(lane, value); }
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 5) { return; }
  let item = t;
  let lane = 0;
  var most = logits[item * 7];
  for (var i = lane; i < 7; i += 1) {
    let at = item * 7 + i;
    most = max(most, logits[at]);
  }

  let top = row_max(lane, most);
  var sum = f32();
  for (var i = lane; i < 7; i += 1) {
    let at = item * 7 + i;
    sum += exp(logits[at] - top);
  }

  let all = log(row_sum(lane, sum));
  var known = f32();
  for (var i = lane; i < 7; i += 1) {
    let at = item * 7 + i;
    let target_share = select(f32(), f32(1.0), i == labels[item]) * 0.9f + 0.014285714285714287f;
    let log_probability = logits[at] - top - all;
    slope[at] = exp(log_probability) - target_share;
    known += target_share * log_probability;
  }

  let loss = -row_sum(lane, known);
  if (lane == 0) { losses[item] = loss; }
}
