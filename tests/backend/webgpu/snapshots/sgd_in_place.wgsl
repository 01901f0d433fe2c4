// groups 1 × 1 × 1
@group(0) @binding(0) var<storage, read_write> p0: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> trace0: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> p1: array<f32>;
@group(0) @binding(3) var<storage, read_write> trace1: array<f32>;
@group(0) @binding(4) var<storage, read_write> p2: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> trace2: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> p3: array<f32>;
@group(0) @binding(7) var<storage, read_write> trace3: array<f32>;
@group(0) @binding(8) var<storage, read> settings: array<f32>;
@group(0) @binding(9) var<storage, read> g0: array<vec4f>;
@group(0) @binding(10) var<storage, read> g1: array<f32>;
@group(0) @binding(11) var<storage, read> g2: array<vec4f>;
@group(0) @binding(12) var<storage, read> g3: array<f32>;
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= i32(arrayLength(&p0)) + i32(arrayLength(&p1)) + i32(arrayLength(&p2)) + i32(arrayLength(&p3))) { return; }
  var at = t;
  if (at < i32(arrayLength(&p0))) {
    let p = p0[at];
    var u = g0[at];
    u += settings[2] * p;
    let v = u + settings[1] * trace0[at];
    trace0[at] = v;
    u += settings[1] * v;
    u *= -settings[0];
    p0[at] = p + u;
    return;
  }
  at -= i32(arrayLength(&p0));
  if (at < i32(arrayLength(&p1))) {
    let p = p1[at];
    var u = g1[at];
    let v = u + settings[1] * trace1[at];
    trace1[at] = v;
    u += settings[1] * v;
    u *= -settings[0];
    p1[at] = p + u;
    return;
  }
  at -= i32(arrayLength(&p1));
  if (at < i32(arrayLength(&p2))) {
    let p = p2[at];
    var u = g2[at];
    let v = u + settings[1] * trace2[at];
    trace2[at] = v;
    u += settings[1] * v;
    u *= -settings[0];
    p2[at] = p + u;
    return;
  }
  at -= i32(arrayLength(&p2));
  if (at < i32(arrayLength(&p3))) {
    let p = p3[at];
    var u = g3[at];
    u += settings[2] * p;
    let v = u + settings[1] * trace3[at];
    trace3[at] = v;
    u += settings[1] * v;
    u *= -settings[0];
    p3[at] = p + u;
    return;
  }
  at -= i32(arrayLength(&p3));
}
