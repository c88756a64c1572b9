// The frame as a texture that it was copied into.
@group(0) @binding(1) var frame: texture_2d<f32>;

fn frame_size() -> vec2u {
  return textureDimensions(frame);
}

fn texel(at: vec2u) -> vec3f {
  return textureLoad(frame, at, 0).rgb;
}
