// groups 1 × 1 × 1
@group(0) @binding(0) var<storage, read_write> pNext0: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> traceNext0: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> pNext1: array<f32>;
@group(0) @binding(3) var<storage, read_write> traceNext1: array<f32>;
@group(0) @binding(4) var<storage, read_write> pNext2: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> traceNext2: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> pNext3: array<f32>;
@group(0) @binding(7) var<storage, read_write> traceNext3: array<f32>;
@group(0) @binding(8) var<storage, read> settings: array<f32>;
@group(0) @binding(9) var<storage, read> p0: array<vec4f>;
@group(0) @binding(10) var<storage, read> g0: array<vec4f>;
@group(0) @binding(11) var<storage, read> trace0: array<vec4f>;
@group(0) @binding(12) var<storage, read> p1: array<f32>;
@group(0) @binding(13) var<storage, read> g1: array<f32>;
@group(0) @binding(14) var<storage, read> trace1: array<f32>;
@group(0) @binding(15) var<storage, read> p2: array<vec4f>;
@group(0) @binding(16) var<storage, read> g2: array<vec4f>;
@group(0) @binding(17) var<storage, read> trace2: array<vec4f>;
@group(0) @binding(18) var<storage, read> p3: array<f32>;
@group(0) @binding(19) var<storage, read> g3: array<f32>;
@group(0) @binding(20) var<storage, read> trace3: array<f32>;
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= i32(arrayLength(&pNext0)) + i32(arrayLength(&pNext1)) + i32(arrayLength(&pNext2)) + i32(arrayLength(&pNext3))) { return; }
  var at = t;
  if (at < i32(arrayLength(&pNext0))) {
    let p = p0[at];
    var u = g0[at];
    u += settings[2] * p;
    let v = u + settings[1] * trace0[at];
    traceNext0[at] = v;
    u += settings[1] * v;
    u *= -settings[0];
    pNext0[at] = p + u;
    return;
  }
  at -= i32(arrayLength(&pNext0));
  if (at < i32(arrayLength(&pNext1))) {
    let p = p1[at];
    var u = g1[at];
    let v = u + settings[1] * trace1[at];
    traceNext1[at] = v;
    u += settings[1] * v;
    u *= -settings[0];
    pNext1[at] = p + u;
    return;
  }
  at -= i32(arrayLength(&pNext1));
  if (at < i32(arrayLength(&pNext2))) {
    let p = p2[at];
    var u = g2[at];
    let v = u + settings[1] * trace2[at];
    traceNext2[at] = v;
    u += settings[1] * v;
    u *= -settings[0];
    pNext2[at] = p + u;
    return;
  }
  at -= i32(arrayLength(&pNext2));
  if (at < i32(arrayLength(&pNext3))) {
    let p = p3[at];
    var u = g3[at];
    u += settings[2] * p;
    let v = u + settings[1] * trace3[at];
    traceNext3[at] = v;
    u += settings[1] * v;
    u *= -settings[0];
    pNext3[at] = p + u;
    return;
  }
  at -= i32(arrayLength(&pNext3));
}
