// groups 1 × 1 × 1
enable f16;
@group(0) @binding(0) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(1) var<storage, read> x: array<vec4<f16>>;
alias T = vec4f;
alias H = vec4<f16>;
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= 2) { return; }
  let at = t;
  y[at] = T(x[at]);
}
