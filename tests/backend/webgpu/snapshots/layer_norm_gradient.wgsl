// groups 1 × 1 × 1
@group(0) @binding(0) var<storage, read_write> dx: array<f32>;
@group(0) @binding(1) var<storage, read_write> moments: array<vec2f>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read> weight: array<f32>;
fn row_sum_of_lanes(lane: i32, value: f32) -> f32 { return value; }

fn row_sum(lane: i32, value: f32) -> f32 { return row_sum_of_lanes(lane, value); }
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 5) { return; }
  let item = t;
  let lane = 0;
  var sum = f32();
  for (var i = lane; i < 7; i += 1) {
    let at = item * 7 + i;
    sum += x[at];
  }

  let center = row_sum(lane, sum) / 7.0;
  var squares = f32();
  for (var i = lane; i < 7; i += 1) {
    let at = item * 7 + i;
    let distance = x[at] - center;
    squares += distance * distance;
  }

  let inverse = inverseSqrt(row_sum(lane, squares) / 7.0 + 0.00001f);

  var shift = f32();
  var along = f32();
  for (var i = lane; i < 7; i += 1) {
    let at = item * 7 + i;
    let own = dy[at] * weight[i];
    shift += own;
    along += own * ((x[at] - center) * inverse);
  }

  let aside = row_sum(lane, shift) / 7.0;
  let steep = row_sum(lane, along) / 7.0;
  for (var i = lane; i < 7; i += 1) {
    let at = item * 7 + i;
    let over = (x[at] - center) * inverse;
    dx[at] = inverse * (dy[at] * weight[i] - aside - over * steep);
  }

  if (lane == 0) { moments[item] = vec2f(center, inverse); }
}
