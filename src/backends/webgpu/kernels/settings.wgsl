// What the kernels that choose begin with: select, collect and pack (pipelines.ts puts it before each).
// settings.ts writes the struct, in this order. One frame's choice is one workgroup's work, but for collect.

override WORKGROUP: u32 = 64;

// Threads of the one workgroup that selects or packs.
const CHOOSERS = 256u;

struct Settings {
  blocks: u32, columns: u32,
  // Most blocks to attend; 1 where all are, whatever their logits (policy dense).
  limit: u32, dense: u32,
  // Least look logit, prior added, of an attended block.
  least: f32,
  // Words of `chosen` from list to list, before the gates, before the arguments of dispatches.
  list_words: u32, gates_at: u32, arguments_at: u32,
  steps: u32, most_groups: u32,
  // Cells on a block's side and of the frame; labels; vec4s of a cell in the head's output.
  side: u32, cells_wide: u32, cells_high: u32, labels: u32, pitch: u32,
  // Candidates that fit into the reply, words of its gates.
  capacity: u32, gate_words: u32,
  // Look logit from which on more counts less.
  sure: f32,
  // Least score by label, four a vector.
  least_scores: array<vec4f, 4>,
}

@group(0) @binding(0) var<uniform> settings: Settings;
