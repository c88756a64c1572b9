// The frame at the working size as the frame map: R G B by the network's response, then y = 2 * (row + 0.5) / H - 1;
// and the frame map box-averaged, the attention network's input. The one comes of box averages by exact area, as
// session/resize.ts does it, rounded to whole values of 0..255 as there; a frame of the working size is taken as it
// is. Boxes of the other over the edge average the pixels there are. One thread a place of the input; stride is the
// side of its box. `frame_size` and `texel` are the frame's.

// Compiled without where the frame is known to have the working size: even a loop of one turn is dear on an emulated
// GPU.
override SCALED = true;

// The frame map: what params calls the source.
@group(0) @binding(3) var<storage, read_write> pixels: array<Real4>;
@group(0) @binding(4) var<storage, read_write> output: array<Real4>;

// How much of the source place [at, at + 1) lies in [from, to).
fn share(at: u32, span: vec2f) -> f32 {
  return min(span.y, f32(at) + 1.0) - max(span.x, f32(at));
}

// Mean of the frame over working pixel `at`, 0..255: of whole levels, so that halves are halves as on the host.
fn mean(at: vec2u) -> vec3f {
  let source = vec2f(frame_size());
  let scale = source / vec2f(f32(params.source_width), f32(params.source_height));
  let start = vec2f(at) * scale;
  let end = min(start + scale, source);
  var sum = vec3f();
  for (var v = u32(start.y); v < u32(ceil(end.y - 1e-4)); v++) {
    let height = share(v, vec2f(start.y, end.y));
    for (var u = u32(start.x); u < u32(ceil(end.x - 1e-4)); u++) {
      sum += round(texel(vec2u(u, v)) * 255.0) * (height * share(u, vec2f(start.x, end.x)));
    }
  }
  return sum / ((end.x - start.x) * (end.y - start.y));
}

fn pixel(at: vec2u) -> Real4 {
  var rgb = vec3f();
  if (SCALED) {
    rgb = mean(at);
  } else {
    rgb = texel(at) * 255.0;
  }
  let value = round(clamp(rgb, vec3f(), vec3f(255.0)));
  let height = 2.0 * (f32(at.y) + 0.5) / f32(params.source_height) - 1.0;
  let response = params.response;
  let seen = response.x * value / (response.y * value + response.z) + response.w * value - 1.0;
  return stored(vec4f(seen, height));
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let place = (group.y * groups.x + group.x) * WORKGROUP + local;
  if (place >= params.width * params.height) {
    return;
  }
  let x = place % params.width;
  let y = place / params.width;
  let left = x * params.stride;
  let top = y * params.stride;
  let right = min(left + params.stride, params.source_width);
  let bottom = min(top + params.stride, params.source_height);
  var sum = vec4f();
  for (var v = top; v < bottom; v++) {
    for (var u = left; u < right; u++) {
      let value = pixel(vec2u(u, v));
      pixels[params.source_origin + v * params.source_row + u * params.source_pitch] = value;
      sum += vec4f(value);
    }
  }
  let count = f32((right - left) * (bottom - top));
  output[params.origin + y * params.row + x * params.pitch] = stored(sum / count);
}
