use core::sync::atomic::{AtomicU64, Ordering};

/// Tells a search that its job is over: the generation it was started with is no longer the current one.
/// Searches look at it at least every half millisecond.
#[derive(Clone, Copy, Debug)]
pub struct Interrupt<'a> {
    current: &'a AtomicU64,
    generation: u64,
}

/// A generation that never changes.
static STILL: AtomicU64 = AtomicU64::new(0);

impl<'a> Interrupt<'a> {
    pub const fn new(current: &'a AtomicU64, generation: u64) -> Self {
        Self { current, generation }
    }

    /// For searches that nobody ends early.
    pub const fn never() -> Interrupt<'static> {
        Interrupt { current: &STILL, generation: 0 }
    }

    pub fn is_raised(&self) -> bool {
        self.current.load(Ordering::Relaxed) != self.generation
    }
}
