// groups 1 × 1 × 1
@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
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
  var most = x[item * 7];
  for (var i = lane; i < 7; i += 1) {
    let at = item * 7 + i;
    most = max(most, x[at]);
  }

  let top = row_max(lane, most);
  var sum = f32();
  for (var i = lane; i < 7; i += 1) {
    let at = item * 7 + i;
    let e = exp(x[at] - top);
    y[at] = e;
    sum += e;
  }

  let all = row_sum(lane, sum);
  for (var i = lane; i < 7; i += 1) {
    let at = item * 7 + i;
    y[at] = y[at] / all;
  }

}
