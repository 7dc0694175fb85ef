use otedama_memory::{MemoryError, Pages, Region};

/// From half a large page on, the rest of one is not too much to spend on a reserved page.
const WORTH_A_LARGE_PAGE: usize = 1 << 20;

/// The lanes' rows, on large pages where the system gives them: random rows over small pages would miss the
/// first-level translation cache each time.
pub struct Scratch(Region);

impl Scratch {
    pub fn allocate(bytes: usize) -> Result<Self, MemoryError> {
        let pages = if bytes >= WORTH_A_LARGE_PAGE { Pages::Largest } else { Pages::Transparent };
        Region::allocate(bytes, pages, None).map(Self)
    }

    /// Valid for `words()` words, aligned for any row.
    pub const fn as_mut_ptr(&mut self) -> *mut u32 {
        self.0.as_mut_ptr().cast()
    }

    pub const fn words(&self) -> usize {
        self.0.len() / 4
    }
}
