//! One thread's code for programs: one at a time, or two that take turns after every iteration.

use core::mem::transmute;
use core::sync::atomic::{AtomicUsize, Ordering};

use otedama_hash_api::{HashError, Interrupt};
use otedama_memory::CodeMemory;

use super::assembler::Assembler;
use super::context::{BIAS, Context};
use super::features::Features;
use super::frame::{self, FRAME_BYTES};
use super::instructions::{MAX_INSTRUCTION_BYTES, Translator};
use super::reads;
use super::templates::Templates;
use crate::cache::Cache;
use crate::engine::Lane;
use crate::machine::Rounding;
use crate::memory::{Line, Memory};
use crate::parameters::{
    CACHE_LINES, DATASET_ITEMS, DATASET_MASK, ITERATIONS_AT_ONCE, L3_LINE_MASK, LINE_BYTES, MAX_PROGRAM_SIZE,
    PROGRAM_ITERATIONS, SCRATCHPAD_BYTES, Variant,
};
use crate::program::{Configuration, Program};

/// Code of one program with all around it.
const PROGRAM_BYTES: usize = FRAME_BYTES + MAX_PROGRAM_SIZE * MAX_INSTRUCTION_BYTES;

/// Code of different threads starts at different places of its pages, so that two threads of one core do not
/// fight for the same sets of the instruction cache.
const SPREAD_BYTES: usize = 4096;

/// Where the code of a lane is.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    loop_start: usize,
    /// Behind what is the same for every program.
    instructions: usize,
}

#[derive(Debug)]
pub struct ProgramCode {
    variant: Variant,
    features: Features,
    templates: Templates,
    memory: CodeMemory,
    entry: usize,
    places: [Place; 2],
    contexts: Box<[Context; 2]>,
}

// SAFETY: the contexts' pointers are set and used within one call of `run` or `run_pair` only.
unsafe impl Send for ProgramCode {}

impl ProgramCode {
    pub fn new(variant: Variant) -> Result<Self, HashError> {
        let features = Features::detect().ok_or_else(super::unavailable)?;
        Self::with_features(variant, features)
    }

    /// Only of features that this processor has.
    pub(super) fn with_features(variant: Variant, features: Features) -> Result<Self, HashError> {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        const LINES_APART: usize = 27;
        let thread = THREADS.fetch_add(1, Ordering::Relaxed);
        let entry = thread.wrapping_mul(LINES_APART * LINE_BYTES) % SPREAD_BYTES;
        let mut memory = CodeMemory::allocate(SPREAD_BYTES + 2 * PROGRAM_BYTES)?;
        let mut asm = Assembler::new(memory.writable(), entry);
        frame::prologue(&mut asm, features);
        let first = loop_head(&mut asm, features);
        let mut asm = Assembler::new(memory.writable(), entry + PROGRAM_BYTES);
        let places = [first, loop_head(&mut asm, features)];
        let templates = Templates::new(features, variant);
        let contexts = Box::new([Context::new(), Context::new()]);
        Ok(Self { variant, features, templates, memory, entry, places, contexts })
    }

    /// Runs all iterations of a program; false if interrupted, and then the registers are worthless. Over a
    /// dataset that is not looked at: a program takes a third of a millisecond.
    pub fn run(&mut self, mut lane: Lane<'_>, memory: Memory<'_>, interrupt: &Interrupt<'_>) -> bool {
        let (features, variant, loop_start) = (self.features, self.variant, self.places[0].loop_start);
        let configuration = self.prepare(0, &mut lane);
        match memory {
            Memory::Dataset(lines) => {
                self.use_dataset(0, &configuration, lines);
                self.translate(0, lane.program, |asm| {
                    reads::read_dataset(asm, variant, &configuration);
                    frame::store(asm, features, variant, &configuration);
                    frame::repeat(asm, features, loop_start);
                });
                self.execute(PROGRAM_ITERATIONS);
            }
            Memory::Cache(cache) => {
                self.use_cache(&configuration, cache);
                self.translate(0, lane.program, |asm| {
                    reads::compute_items(asm, variant, &configuration);
                    frame::store(asm, features, variant, &configuration);
                    frame::repeat(asm, features, loop_start);
                });
                for _ in 0..PROGRAM_ITERATIONS / ITERATIONS_AT_ONCE {
                    if interrupt.is_raised() {
                        return false;
                    }
                    self.execute(ITERATIONS_AT_ONCE);
                }
            }
        }
        self.finish(0, &mut lane);
        true
    }

    /// Runs all iterations of two programs in turns, so that each has twice the time to wait for the dataset.
    pub fn run_pair(&mut self, mut lanes: [Lane<'_>; 2], dataset: &[Line]) {
        let (features, variant) = (self.features, self.variant);
        for (index, lane) in lanes.iter_mut().enumerate() {
            let configuration = self.prepare(index, lane);
            self.use_dataset(index, &configuration, dataset);
            let (partner, is_last) = (self.places[1 - index], index == 1);
            self.contexts[index].touched = self.contexts[index].dataset;
            self.translate(index, lane.program, |asm| {
                reads::read_dataset_in_turns(asm, variant, &configuration);
                frame::store(asm, features, variant, &configuration);
                frame::take_turns(asm, features, partner.loop_start, is_last);
            });
        }
        self.execute(PROGRAM_ITERATIONS);
        for (index, lane) in lanes.iter_mut().enumerate() {
            self.finish(index, lane);
        }
    }

    /// Brings the context to the state before the first iteration.
    fn prepare(&mut self, index: usize, lane: &mut Lane<'_>) -> Configuration {
        self.templates.prefetch();
        assert!(lane.scratchpad.len() == SCRATCHPAD_BYTES, "the code masks addresses by this size");
        let configuration = lane.program.configuration();
        let context = &mut self.contexts[index];
        context.scratchpad = lane.scratchpad.as_mut_ptr();
        context.memory = u64::from(configuration.ma) | u64::from(configuration.mx) << 32;
        context.next0 = configuration.mx & L3_LINE_MASK;
        context.next1 = configuration.ma & L3_LINE_MASK;
        context.group_e_masks = configuration.group_e_masks;
        context.registers.r = [0; 8];
        context.registers.a = configuration.group_a;
        context.rounding = 4 * *lane.rounding as u32;
        configuration
    }

    /// Points the context to the lines that the program reads, and asks for the first ones.
    fn use_dataset(&mut self, index: usize, configuration: &Configuration, dataset: &[Line]) {
        assert_eq!(dataset.len() as u64, DATASET_ITEMS, "the code masks addresses by this size");
        let part = &dataset[configuration.dataset_offset as usize / LINE_BYTES..];
        for address in [configuration.ma, configuration.mx] {
            prefetch(&part[(address & DATASET_MASK) as usize / LINE_BYTES]);
        }
        self.contexts[index].dataset = part.as_ptr().cast();
    }

    fn use_cache(&mut self, configuration: &Configuration, cache: &Cache) {
        assert_eq!(cache.lines().len() as u64, CACHE_LINES, "the code masks addresses by this size");
        let code = cache.item_code().expect("hashers are made with caches that have code");
        let context = &mut self.contexts[0];
        context.item_routine = code.single_items();
        context.cache = cache.lines().as_ptr();
        context.dataset_offset = configuration.dataset_offset;
        context.item_at = ((reads::items_ahead(self.variant) - 1) * LINE_BYTES) as u32;
    }

    /// Writes the instructions behind the head of their loop, and what comes after them.
    fn translate(&mut self, index: usize, program: &Program, finish: impl FnOnce(&mut Assembler<'_>)) {
        let start = self.places[index].instructions;
        let mut asm = Assembler::new(self.memory.writable(), start);
        let instructions = program.instructions(self.variant.program_size());
        let reciprocals = &mut self.contexts[index].reciprocals;
        let mut translator = Translator::new(&mut asm, self.features, self.variant, reciprocals);
        self.templates.translate(&mut translator, instructions);
        finish(&mut asm);
    }

    /// Runs the next `iterations` of what was translated.
    fn execute(&mut self, iterations: u32) {
        self.memory.make_visible();
        for context in self.contexts.iter_mut() {
            context.iterations = iterations;
        }
        let contexts = (&raw mut *self.contexts).cast::<Context>();
        // SAFETY: both contexts are there, and from here on nothing but these pointers reaches them.
        // `translate` has written a function of this type, of instructions that `Features::detect` found on this
        // processor. Its accesses stay within the contexts, the scratchpads, the dataset or the cache: addresses
        // are masked by sizes that were asserted when the contexts were prepared, and the caller of `run` or
        // `run_pair` holds the references. It keeps callee-saved registers and MXCSR.
        unsafe {
            let [first, second] = [contexts, contexts.add(1)];
            (*first).partner = second.byte_add(BIAS).cast();
            (*second).partner = first.byte_add(BIAS).cast();
            let function: frame::Function = transmute(self.memory.entry().add(self.entry));
            function(first.byte_add(BIAS).cast());
        }
    }

    fn finish(&self, index: usize, lane: &mut Lane<'_>) {
        let context = &self.contexts[index];
        *lane.registers = context.registers;
        *lane.rounding = Rounding::from_bits(u64::from(context.rounding / 4));
    }
}

fn loop_head(asm: &mut Assembler<'_>, features: Features) -> Place {
    asm.align(LINE_BYTES);
    let loop_start = asm.position();
    frame::load(asm, features);
    Place { loop_start, instructions: asm.position() }
}

fn prefetch(line: &Line) {
    use core::arch::x86_64::{_MM_HINT_NTA, _mm_prefetch};
    // SAFETY: a hint, valid for any address.
    unsafe { _mm_prefetch::<_MM_HINT_NTA>((&raw const *line).cast()) }
}
