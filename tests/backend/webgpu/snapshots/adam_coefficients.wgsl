// groups 1 × 1 × 1
@group(0) @binding(0) var<storage, read_write> c: array<f32>;
@group(0) @binding(1) var<storage, read_write> meanWeightNext: array<f32>;
@group(0) @binding(2) var<storage, read_write> squareWeightNext: array<f32>;
@group(0) @binding(3) var<storage, read> settings: array<f32>;
@group(0) @binding(4) var<storage, read> meanWeight: array<f32>;
@group(0) @binding(5) var<storage, read> squareWeight: array<f32>;
@compute @workgroup_size(1) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 1u);
  if (t >= 1) { return; }
  let toMean = settings[1];
  let m = meanWeight[0] + (1.0 - meanWeight[0]) * toMean;
  let s = squareWeight[0] + (1.0 - squareWeight[0]) * settings[2];
  meanWeightNext[0] = m;
  squareWeightNext[0] = s;
  let factor = settings[5] / (m + (1.0 - m) * toMean);
  c[0] = settings[0];
  c[1] = toMean;
  c[2] = settings[2];
  c[3] = 1.0 / (s * (factor * factor));
  c[4] = settings[3] / factor;
  c[5] = settings[4];
  c[6] = toMean / m / factor;
}
