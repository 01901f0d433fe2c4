// groups 1 × 1 × 1
@group(0) @binding(0) var<storage, read_write> pNext0: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> meanNext0: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> squareNext0: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> pNext1: array<f32>;
@group(0) @binding(4) var<storage, read_write> meanNext1: array<f32>;
@group(0) @binding(5) var<storage, read_write> squareNext1: array<f32>;
@group(0) @binding(6) var<storage, read_write> pNext2: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> meanNext2: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> squareNext2: array<vec4f>;
@group(0) @binding(9) var<storage, read_write> pNext3: array<f32>;
@group(0) @binding(10) var<storage, read_write> meanNext3: array<f32>;
@group(0) @binding(11) var<storage, read_write> squareNext3: array<f32>;
@group(0) @binding(12) var<storage, read> c: array<f32>;
@group(0) @binding(13) var<storage, read> p0: array<vec4f>;
@group(0) @binding(14) var<storage, read> g0: array<vec4f>;
@group(0) @binding(15) var<storage, read> mean0: array<vec4f>;
@group(0) @binding(16) var<storage, read> square0: array<vec4f>;
@group(0) @binding(17) var<storage, read> p1: array<f32>;
@group(0) @binding(18) var<storage, read> g1: array<f32>;
@group(0) @binding(19) var<storage, read> mean1: array<f32>;
@group(0) @binding(20) var<storage, read> square1: array<f32>;
@group(0) @binding(21) var<storage, read> p2: array<vec4f>;
@group(0) @binding(22) var<storage, read> g2: array<vec4f>;
@group(0) @binding(23) var<storage, read> mean2: array<vec4f>;
@group(0) @binding(24) var<storage, read> square2: array<vec4f>;
@group(0) @binding(25) var<storage, read> p3: array<f32>;
@group(0) @binding(26) var<storage, read> g3: array<f32>;
@group(0) @binding(27) var<storage, read> mean3: array<f32>;
@group(0) @binding(28) var<storage, read> square3: array<f32>;
@compute @workgroup_size(64) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * 64u);
  if (t >= i32(arrayLength(&pNext0)) + i32(arrayLength(&pNext1)) + i32(arrayLength(&pNext2)) + i32(arrayLength(&pNext3))) { return; }
  var at = t;
  if (at < i32(arrayLength(&pNext0))) {
    let p = p0[at];
    let g = g0[at];
    var m = mean0[at];
    var s = square0[at];
    m += (g - m) * c[1];
    s += (g * g - s) * c[2];
    meanNext0[at] = m;
    squareNext0[at] = s;
    var u = (m + g * c[6]) / (sqrt(s * c[3]) + c[4]);
    u += c[5] * p;
    pNext0[at] = p - u * c[0];
    return;
  }
  at -= i32(arrayLength(&pNext0));
  if (at < i32(arrayLength(&pNext1))) {
    let p = p1[at];
    let g = g1[at];
    var m = mean1[at];
    var s = square1[at];
    m += (g - m) * c[1];
    s += (g * g - s) * c[2];
    meanNext1[at] = m;
    squareNext1[at] = s;
    var u = (m + g * c[6]) / (sqrt(s * c[3]) + c[4]);
    pNext1[at] = p - u * c[0];
    return;
  }
  at -= i32(arrayLength(&pNext1));
  if (at < i32(arrayLength(&pNext2))) {
    let p = p2[at];
    let g = g2[at];
    var m = mean2[at];
    var s = square2[at];
    m += (g - m) * c[1];
    s += (g * g - s) * c[2];
    meanNext2[at] = m;
    squareNext2[at] = s;
    var u = (m + g * c[6]) / (sqrt(s * c[3]) + c[4]);
    pNext2[at] = p - u * c[0];
    return;
  }
  at -= i32(arrayLength(&pNext2));
  if (at < i32(arrayLength(&pNext3))) {
    let p = p3[at];
    let g = g3[at];
    var m = mean3[at];
    var s = square3[at];
    m += (g - m) * c[1];
    s += (g * g - s) * c[2];
    meanNext3[at] = m;
    squareNext3[at] = s;
    var u = (m + g * c[6]) / (sqrt(s * c[3]) + c[4]);
    u += c[5] * p;
    pNext3[at] = p - u * c[0];
    return;
  }
  at -= i32(arrayLength(&pNext3));
}
