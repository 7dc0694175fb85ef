use std::alloc::{Layout, alloc, dealloc};
use std::ptr::NonNull;

/// Size of a large page. Random rows over small pages would miss the first-level translation cache each time.
const LARGE_PAGE: usize = 2 << 20;

/// Uninitialised memory, aligned for large pages where the system gives them.
pub struct Scratch {
    start: NonNull<u32>,
    layout: Layout,
}

// SAFETY: the memory is owned and reached only through `&mut self`.
unsafe impl Send for Scratch {}

impl Scratch {
    pub fn allocate(bytes: usize) -> Option<Self> {
        let layout = Layout::from_size_align(bytes.next_multiple_of(LARGE_PAGE), LARGE_PAGE).ok()?;
        // SAFETY: the layout's size is not zero, callers ask for at least one lane.
        let start = NonNull::new(unsafe { alloc(layout) }.cast::<u32>())?;
        #[cfg(target_os = "linux")]
        // SAFETY: advice on memory that was just allocated, in whole pages. A refusal only costs speed.
        unsafe {
            libc::madvise(start.as_ptr().cast(), layout.size(), libc::MADV_HUGEPAGE);
        }
        Some(Self { start, layout })
    }

    /// The memory, valid for `words()` words.
    pub fn as_mut_ptr(&mut self) -> *mut u32 {
        self.start.as_ptr()
    }

    pub const fn words(&self) -> usize {
        self.layout.size() / 4
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout and not freed before.
        unsafe { dealloc(self.start.as_ptr().cast(), self.layout) }
    }
}
