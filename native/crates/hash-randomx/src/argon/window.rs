/// Blocks that those of one quarter of the memory may refer to: the ones of this pass before it, and the
/// quarters after it of the pass before.
#[derive(Clone, Copy)]
pub struct Window {
    blocks: usize,
    quarter_start: usize,
    /// The oldest block in it,
    start: usize,
    /// and how many there are from there to the quarter.
    finished: usize,
}

impl Window {
    pub const fn new(blocks: usize, pass: u32, target: usize) -> Self {
        let quarter = blocks / 4;
        let quarter_start = target - target % quarter;
        let (start, finished) = if pass == 0 {
            (0, quarter_start)
        } else {
            ((quarter_start + quarter) % blocks, blocks - quarter)
        };
        Self { blocks, quarter_start, start, finished }
    }

    /// A random choice by the low half of the word, in favour of recent blocks. Not the one before the target,
    /// which is used anyway.
    #[inline(always)]
    pub const fn reference(&self, random: u64, target: usize) -> usize {
        let candidates = self.finished + (target - self.quarter_start) - 1;
        let random = random as u32 as u64;
        let back = (candidates as u64 * ((random * random) >> 32)) >> 32;
        let index = self.start + candidates - 1 - back as usize;
        if index < self.blocks { index } else { index - self.blocks }
    }
}
