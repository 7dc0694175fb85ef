//! Dataset items by generated code (specification chapter 7.3): the eight superscalar programs of a key,
//! compiled.
//!
//! One item is a chain of eight reads from memory, each slower than the program that should hide it. The code
//! therefore takes several items through each program in turn: while one waits for its cache line the others
//! compute. The vector kernels keep the same register of several items in one vector register.

mod avx2;
mod avx512;
mod driver;
mod scalar;
mod vector;

use core::mem::transmute;

use otedama_hash_api::HashError;
use otedama_memory::CodeMemory;

use super::features::Features;
use crate::memory::Line;
use crate::parameters::{CACHE_ACCESSES, CACHE_LINES};
use crate::superscalar::SuperscalarProgram;

/// Items taken through the programs side by side: enough that a cache line has come from memory when its turn
/// is there, few enough to stay in the first-level cache, and a multiple of every kernel's group.
const BATCH: usize = 32;

/// Register r0 starts as the item's number plus one times this,
const ITEM_MULTIPLIER: u64 = 6_364_136_223_846_793_005;

/// the others as r0 XOR these.
const ITEM_CONSTANTS: [u64; 7] = [
    9_298_411_001_130_361_340,
    12_065_312_585_734_608_966,
    9_306_329_213_124_626_780,
    5_281_919_268_842_080_866,
    10_536_153_434_571_861_004,
    3_398_623_926_847_679_864,
    9_549_104_520_008_361_294,
];

type Programs = [SuperscalarProgram; CACHE_ACCESSES];

/// A way of computing items, by name so that tests and measurements can pick each.
#[derive(Clone, Copy)]
pub struct ItemKernel {
    name: &'static str,
    /// Items that go through a program together.
    group: usize,
    is_available: fn(&Features) -> bool,
    emit: fn(&Features, &Programs) -> driver::Emitted,
}

/// The preferred one first.
const KERNELS: &[ItemKernel] = &[avx512::KERNEL, avx2::KERNEL, scalar::KERNEL];

impl ItemKernel {
    /// Those that this processor can run.
    fn available(features: &Features) -> impl Iterator<Item = &'static Self> {
        KERNELS.iter().filter(|kernel| (kernel.is_available)(features))
    }
}

/// The compiled programs of a key. May be shared between threads.
#[derive(Debug)]
pub struct ItemCode {
    /// For items in a row.
    rows: Routine,
    /// For single items.
    singles: Routine,
}

impl ItemCode {
    pub fn compile(programs: &Programs) -> Result<Self, HashError> {
        let features = Features::detect().ok_or_else(super::unavailable)?;
        let kernel = ItemKernel::available(&features).next().unwrap_or(&scalar::KERNEL);
        Ok(Self {
            rows: Routine::compile(kernel, &features, programs)?,
            singles: Routine::compile(&scalar::KERNEL, &features, programs)?,
        })
    }

    /// Computes the items from number `first` on.
    pub fn items(&self, cache: &[Line], first: u64, items: &mut [Line]) {
        self.rows.items(cache, first, items);
    }

    /// Address of the routine for single items, to be called from generated code by [`driver`]'s rules on the
    /// thread that asked.
    pub(super) fn single_items(&self) -> *const u8 {
        self.singles.memory.synchronize();
        self.singles.memory.entry()
    }
}

/// The code of one kernel.
struct Routine {
    kernel: &'static ItemKernel,
    memory: CodeMemory,
    /// Constants that vector code reads.
    constants: Box<[u64]>,
    entry: usize,
}

impl core::fmt::Debug for Routine {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("Routine").field("kernel", &self.kernel.name).finish_non_exhaustive()
    }
}

impl Routine {
    /// The processor has the kernel's instructions.
    fn compile(
        kernel: &'static ItemKernel,
        features: &Features,
        programs: &Programs,
    ) -> Result<Self, HashError> {
        assert!((kernel.is_available)(features), "only what the processor can run");
        let emitted = (kernel.emit)(features, programs);
        let mut memory = CodeMemory::allocate(emitted.code.len())?;
        memory.writable()[..emitted.code.len()].copy_from_slice(&emitted.code);
        memory.make_visible();
        Ok(Self { kernel, memory, constants: emitted.constants.into_boxed_slice(), entry: emitted.entry })
    }

    fn items(&self, cache: &[Line], first: u64, items: &mut [Line]) {
        assert_eq!(cache.len() as u64, CACHE_LINES, "the code masks addresses by the cache's size");
        self.memory.synchronize();
        let mut next = first;
        let mut batches = items.chunks_exact_mut(BATCH);
        for batch in &mut batches {
            self.batch(cache, next, batch);
            next += BATCH as u64;
        }
        let rest = batches.into_remainder();
        if !rest.is_empty() {
            let mut batch = [[0; 8]; BATCH];
            self.batch(cache, next, &mut batch[..rest.len().next_multiple_of(self.kernel.group)]);
            rest.copy_from_slice(&batch[..rest.len()]);
        }
    }

    /// Whole groups, and no more than fit into a batch.
    fn batch(&self, cache: &[Line], first: u64, items: &mut [Line]) {
        assert!(items.len() <= BATCH && items.len().is_multiple_of(self.kernel.group));
        for (group, number) in
            items.chunks_exact_mut(self.kernel.group).zip((first..).step_by(self.kernel.group))
        {
            group[0][0] = number;
        }
        let mut offsets = [0u64; BATCH];
        let range = items.as_mut_ptr_range();
        // SAFETY: the memory holds the function that `driver::emit` describes, made visible to this thread by
        // `items`, made of instructions that `compile` found on this processor. It writes the items and one
        // offset for each, and reads the constants and whole lines of the cache.
        unsafe {
            let run: driver::Function = transmute(self.memory.entry().add(self.entry));
            run(range.start, range.end, cache.as_ptr(), offsets.as_mut_ptr(), self.constants.as_ptr());
        }
    }
}

#[cfg(test)]
mod tests;
