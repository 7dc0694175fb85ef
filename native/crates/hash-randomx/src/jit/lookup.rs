//! How long the processor takes to find out where a dataset line is in memory.

use core::arch::x86_64::{_MM_HINT_NTA, _mm_lfence, _mm_prefetch};
use core::time::Duration;
use std::time::Instant;

use crate::memory::Line;

/// Whether a lookup takes so long that programs do better in pairs: the addresses of small pages, and of any
/// pages in many virtual machines, are looked up in tables that are too large for the caches.
pub fn is_slow(dataset: &[Line]) -> bool {
    // A lookup in the processor's own tables takes a tenth of an iteration's hundred nanoseconds or less.
    const SLOW: Duration = Duration::from_nanos(50);
    const ROUNDS: usize = 15;
    const LINES: u32 = 64;
    let mut line = 0usize;
    let mut round = || {
        let start = Instant::now();
        for _ in 0..LINES {
            line = line.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            ask_for(&dataset[(line >> 24) % dataset.len()]);
        }
        start.elapsed() / LINES
    };
    // Of several rounds the one that was disturbed least.
    (0..ROUNDS).map(|_| round()).min().is_some_and(|lookup| lookup > SLOW)
}

/// Returns when the line is found, but not there yet.
fn ask_for(line: &Line) {
    // SAFETY: a hint that is valid for any address, and a barrier.
    unsafe {
        _mm_prefetch::<_MM_HINT_NTA>((&raw const *line).cast());
        _mm_lfence();
    }
}
