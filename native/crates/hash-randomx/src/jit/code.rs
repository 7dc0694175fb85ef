//! One thread's code for programs.

use core::mem::transmute;
use core::sync::atomic::{AtomicUsize, Ordering};

use otedama_hash_api::HashError;
use otedama_memory::CodeMemory;

use super::assembler::Assembler;
use super::context::{BIAS, Context};
use super::features::Features;
use super::frame::{self, FRAME_BYTES};
use super::instructions::{MAX_INSTRUCTION_BYTES, Translator};
use super::templates::Templates;
use crate::machine::{Registers, Rounding};
use crate::memory::{Line, Memory};
use crate::parameters::{
    CACHE_LINES, DATASET_ITEMS, DATASET_MASK, LINE_BYTES, MAX_PROGRAM_SIZE, PROGRAM_ITERATIONS,
    SCRATCHPAD_BYTES, Variant,
};
use crate::program::{Configuration, Program};

const CODE_BYTES: usize = FRAME_BYTES + MAX_PROGRAM_SIZE * MAX_INSTRUCTION_BYTES;

/// Code of different threads starts at different places of its pages, so that two threads of one core do not
/// fight for the same sets of the instruction cache.
const SPREAD_BYTES: usize = 4096;

#[derive(Debug)]
pub struct ProgramCode {
    variant: Variant,
    features: Features,
    templates: Templates,
    memory: CodeMemory,
    /// Where the function begins, and where its loop does.
    entry: usize,
    loop_start: usize,
    /// Behind what is the same for every program.
    instructions_start: usize,
    context: Box<Context>,
}

// SAFETY: the context's pointers are set and used within `run` only.
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
        let mut memory = CodeMemory::allocate(SPREAD_BYTES + CODE_BYTES)?;
        let mut asm = Assembler::new(memory.writable(), entry);
        frame::prologue(&mut asm, features);
        asm.align(LINE_BYTES);
        let loop_start = asm.position();
        frame::load(&mut asm, features);
        let instructions_start = asm.position();
        let templates = Templates::new(features, variant);
        let context = Context::new();
        Ok(Self { variant, features, templates, memory, entry, loop_start, instructions_start, context })
    }

    /// Runs all iterations of `program`. The rounding mode lives on from one program to the next.
    pub fn run(
        &mut self,
        program: &Program,
        registers: &mut Registers,
        rounding: &mut Rounding,
        scratchpad: &mut [u8],
        memory: Memory<'_>,
    ) {
        assert!(scratchpad.len() == SCRATCHPAD_BYTES, "the code masks addresses by the scratchpad's size");
        self.templates.prefetch();
        let configuration = program.configuration();
        self.take_memory(&configuration, memory);
        self.translate(program, &configuration, memory);

        let context = &mut *self.context;
        context.scratchpad = scratchpad.as_mut_ptr();
        context.memory = u64::from(configuration.ma) | u64::from(configuration.mx) << 32;
        context.group_e_masks = configuration.group_e_masks;
        context.registers.a = configuration.group_a;
        context.iterations = PROGRAM_ITERATIONS;
        context.item_at = ((frame::items_ahead(self.variant) - 1) * LINE_BYTES) as u32;
        context.rounding = 4 * *rounding as u32;
        // SAFETY: `translate` has written a function of this type, made visible to this thread, of instructions
        // that `Features::detect` found on this processor. Its accesses stay within the context, the
        // scratchpad, the dataset or the cache: addresses are masked by sizes that were asserted here and in
        // `take_memory`. It keeps callee-saved registers and MXCSR.
        unsafe {
            let function: frame::Function = transmute(self.memory.entry().add(self.entry));
            function((&raw mut *context).cast::<u8>().add(BIAS));
        }
        *registers = context.registers;
        *rounding = Rounding::from_bits(u64::from(context.rounding / 4));
    }

    /// Points the context to the lines that the program reads, and asks for the first ones.
    fn take_memory(&mut self, configuration: &Configuration, memory: Memory<'_>) {
        let offset = configuration.dataset_offset as usize;
        match memory {
            Memory::Dataset(lines) => {
                assert_eq!(
                    lines.len() as u64,
                    DATASET_ITEMS,
                    "the code masks addresses by the dataset's size"
                );
                let part = &lines[offset / LINE_BYTES..];
                for address in [configuration.ma, configuration.mx] {
                    prefetch(&part[(address & DATASET_MASK) as usize / LINE_BYTES]);
                }
                self.context.dataset = part.as_ptr().cast();
            }
            Memory::Cache(cache) => {
                assert_eq!(cache.lines().len() as u64, CACHE_LINES, "the code masks addresses by its size");
                let code = cache.item_code().expect("hashers are made with caches that have code");
                self.context.item_routine = code.single_items();
                self.context.cache = cache.lines().as_ptr();
                self.context.dataset_offset = offset as u64;
            }
        }
    }

    fn translate(&mut self, program: &Program, configuration: &Configuration, memory: Memory<'_>) {
        let (features, variant) = (self.features, self.variant);
        let mut asm = Assembler::new(self.memory.writable(), self.instructions_start);
        let instructions = program.instructions(variant.program_size());
        let mut translator = Translator::new(&mut asm, features, variant, &mut self.context.reciprocals);
        self.templates.translate(&mut translator, instructions);
        match memory {
            Memory::Dataset(_) => frame::read_dataset(&mut asm, variant, configuration),
            Memory::Cache(_) => frame::compute_items(&mut asm, variant, configuration),
        }
        frame::store(&mut asm, features, variant, configuration);
        frame::epilogue(&mut asm, features, self.loop_start);
        self.memory.make_visible();
    }
}

fn prefetch(line: &Line) {
    use core::arch::x86_64::{_MM_HINT_NTA, _mm_prefetch};
    // SAFETY: a hint, valid for any address.
    unsafe { _mm_prefetch::<_MM_HINT_NTA>((&raw const *line).cast()) }
}
