// The frame as the video decoder or the camera left it: no copy.
@group(0) @binding(1) var frame: texture_external;

fn frame_size() -> vec2u {
  return textureDimensions(frame);
}

fn texel(at: vec2u) -> vec3f {
  return textureLoad(frame, at).rgb;
}
